using System;
using System.Globalization;

using ShardSql.Primitives;

namespace ShardSql.Tests.Fuzz;

/// <summary>
/// How many inputs a fuzz test makes and from which seed: <c>SHARDSQL_FUZZ</c> sets the count of every test of the
/// folder (1,000,000 before a release), <c>SHARDSQL_LONG=1</c> makes four times as many as by default,
/// <c>SHARDSQL_FUZZ_SEED</c> sets the seed. An input depends on the seed and on its own
/// number only, so a failure is made again from what it prints.
/// </summary>
internal static class FuzzRun
{
    private const ulong DefaultSeed = 20261121;
    private const int LongFactor = 4;

    public static ulong Seed { get; } =
        Environment.GetEnvironmentVariable("SHARDSQL_FUZZ_SEED") is { } text
            ? ulong.Parse(text, CultureInfo.InvariantCulture) : DefaultSeed;

    /// <summary>The number of inputs of a test that makes so many by default.</summary>
    public static int Count(int count) =>
        Environment.GetEnvironmentVariable("SHARDSQL_FUZZ") is { } text ? int.Parse(text, CultureInfo.InvariantCulture)
        : Environment.GetEnvironmentVariable("SHARDSQL_LONG") == "1" ? LongFactor * count
        : count;

    /// <summary>The random numbers of one input.</summary>
    public static Prng For(int input) => new(Hash64.Combine(Seed, (ulong)input));

    /// <summary>What a failure says, so that its input can be made again.</summary>
    public static string Say(int input, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"SHARDSQL_FUZZ_SEED={Seed} input {input}: {what}");
}
