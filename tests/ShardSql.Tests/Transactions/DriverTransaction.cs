using System;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Transactions;

namespace ShardSql.Tests.Transactions;

/// <summary>A transaction of a scripted history.</summary>
internal sealed class DriverTransaction(int number, HlcTimestamp begin, int shards)
{
    public int Number { get; } = number;

    public TxnId Id { get; } = Stamps.Txn((ulong)number);

    public HlcTimestamp Begin { get; } = begin;

    public HlcTimestamp Stamp { get; set; }

    public bool? Committed { get; set; }

    public bool MetRetry { get; set; }

    public SortedDictionary<string, string> Saw { get; } = new(StringComparer.Ordinal);

    public List<TransactionShare> Shares { get; } =
        [.. Enumerable.Range(0, shards).Select(_ => new TransactionShare { Begin = begin })];

    public IEnumerable<int> Participants => Enumerable.Range(0, Shares.Count)
        .Where(shard => Shares[shard].HasWrites || Shares[shard].Reads.Count + Shares[shard].Ranges.Count > 0);
}
