using System;
using System.Globalization;

namespace ShardSql.Cluster.Tests;

/// <summary>How long the tests are: <c>SHARDSQL_LONG=1</c> repeats their rounds and takes their larger sizes.</summary>
internal static class TestLength
{
    private const int LongFactor = 20;

    /// <summary>Whether this is a long run.</summary>
    public static bool IsLong => Environment.GetEnvironmentVariable("SHARDSQL_LONG") == "1";

    /// <summary>How many processes the history test kills: <c>SHARDSQL_KILLS</c>, or as many as one round of its strikes
    /// does.</summary>
    public static int Kills { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("SHARDSQL_KILLS"), CultureInfo.InvariantCulture, out int kills) ? kills : 0;

    /// <summary>So many times, or more in a long run.</summary>
    public static int Times(int count) => IsLong ? count * LongFactor : count;
}
