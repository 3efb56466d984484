using System;
using System.Collections.Generic;

using ShardSql.Simulation.Model;

using Xunit;

namespace ShardSql.Tests.Transactions;

/// <summary>Random histories over the real cores, replayed by (π ascending, c descending).</summary>
public sealed class RandomHistoryTests
{
    private const ulong SeedsPerTest = 400;

    [Fact]
    public void Histories_onOneShard_areSerial() =>
        RunAll(seed => new ModelOptions { Seed = seed, Shards = 1, KeysPerShard = 6 });

    [Fact]
    public void Histories_onTwoShards_areSerial() => RunAll(seed => new ModelOptions { Seed = seed });

    [Fact]
    public void Histories_onThreeShardsWithManyFaults_areSerial() => RunAll(seed => new ModelOptions
    {
        Seed = seed,
        Shards = 3,
        KeysPerShard = 3,
        Loss = 250_000,
        Duplication = 300_000,
        LeaderChange = 15_000,
    });

    [Fact]
    public void Histories_withoutFaults_mostlyCommit()
    {
        SortedDictionary<string, long> counts = RunAll(seed => new ModelOptions
        {
            Seed = seed,
            KeysPerShard = 10,
            Loss = 0,
            Duplication = 0,
            LeaderChange = 0,
            ClientDeath = 0,
            SkewMs = 0,
            Clients = 3,
        });

        Assert.True(counts["cross-shard committed"] > 20 * (long)SeedsPerTest / 10);
    }

    private static SortedDictionary<string, long> RunAll(Func<ulong, ModelOptions> options)
    {
        var sums = new SortedDictionary<string, long>(StringComparer.Ordinal);
        for (ulong seed = 1; seed <= SeedsPerTest; seed++)
        {
            foreach ((string what, long count) in ModelWorld.Run(options(seed)))
            {
                sums[what] = sums.GetValueOrDefault(what) + count;
            }
        }

        Assert.True(sums["ones committed"] > 0);
        return sums;
    }
}
