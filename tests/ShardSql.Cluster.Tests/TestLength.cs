using System;

namespace ShardSql.Cluster.Tests;

/// <summary>How long the tests are: <c>SHARDSQL_LONG=1</c> repeats their rounds.</summary>
internal static class TestLength
{
    private const int LongFactor = 20;

    /// <summary>So many times, or more in a long run.</summary>
    public static int Times(int count) =>
        Environment.GetEnvironmentVariable("SHARDSQL_LONG") == "1" ? count * LongFactor : count;
}
