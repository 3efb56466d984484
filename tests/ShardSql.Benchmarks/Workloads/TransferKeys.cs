using System;

namespace ShardSql.Benchmarks.Workloads;

/// <summary>Which accounts a transfer is between: shard 0 has the lowest ids, and so on.</summary>
internal static class TransferKeys
{
    public const int Shards = 3;

    public const int AccountsPerShard = 20_000;

    public const int AmountMax = 9;

    /// <summary>The first account of a shard.</summary>
    public static long FirstOf(int shard) => 1 + ((long)shard * AccountsPerShard);

    /// <summary>Two accounts of two shards.</summary>
    public static (Account From, Account To) NextCross(Random random)
    {
        int from = random.Next(Shards);
        int to = (from + random.Next(1, Shards)) % Shards;
        return (Next(random, from), Next(random, to));
    }

    /// <summary>Two accounts of one shard.</summary>
    public static (Account From, Account To) NextSingle(Random random)
    {
        int shard = random.Next(Shards);
        long from = random.Next(AccountsPerShard);
        long to = (from + random.Next(1, AccountsPerShard)) % AccountsPerShard;
        return (new Account(shard, FirstOf(shard) + from), new Account(shard, FirstOf(shard) + to));
    }

    private static Account Next(Random random, int shard) => new(shard, FirstOf(shard) + random.Next(AccountsPerShard));

    /// <summary>An account and its shard.</summary>
    internal readonly record struct Account(int Shard, long Id);
}
