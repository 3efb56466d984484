using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Sql;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Cluster.Gateways;

/// <summary>Rows of one table on one shard: some of them, or a range.</summary>
internal sealed record ReadPart(ShardId Shard, uint Table, IReadOnlyList<RowId> Keys, KeyRange? Range);

/// <summary>A range on one shard as a client saw it.</summary>
internal sealed record RangeSeen(ShardId Shard, KeyRange Range, IReadOnlyList<KeyValuePair<RowId, string>> Rows);

/// <summary>What a transaction has read, and what it will write: the client's view of it, and its shares.</summary>
internal sealed class TransactionContext(int shards, GatewayLife? gateway = null)
{
    private readonly SortedDictionary<ShardId, TransactionShare> _shares = [];

    /// <summary>Rows as the transaction saw them last, absent ones as null.</summary>
    public Dictionary<RowId, string?> Seen { get; } = [];

    /// <summary>The rows of the last scan, its own writes among them.</summary>
    public List<KeyValuePair<RowId, string>> Scanned { get; } = [];

    /// <summary>What was read of the database, not of the transaction's own writes.</summary>
    public List<KeyValuePair<RowId, string?>> Reads { get; } = [];

    /// <summary>Ranges read that hold no writes of its own.</summary>
    public List<RangeSeen> Ranges { get; } = [];

    /// <summary>Fragments that were run to their end, with what they gave.</summary>
    public List<FragmentSeen> Fragments { get; } = [];

    public SortedDictionary<ShardId, TransactionShare> Shares => _shares;

    /// <summary>A statement for the leader to evaluate, in place of reads and writes.</summary>
    public (RowId Row, string More)? Append { get; set; }

    /// <summary>Whether the gateway that it was begun at has ended since.</summary>
    public bool GatewayIsLost => gateway is { IsOver: true };

    public bool HasWrites => _shares.Values.Any(share => share.HasWrites);

    public ShardId ShardOf(RowId row) => SimulatedRows.ShardOf(row.Group, shards);

    /// <summary>The number in a row that is always there.</summary>
    public int NumberIn(RowId row)
    {
        string? text = Seen.GetValueOrDefault(row);
        Invariant.Check(text is not null, $"Row {row} is always there.");
        return int.Parse(text, CultureInfo.InvariantCulture);
    }

    /// <summary>Reads rows, one request for each shard.</summary>
    public IReadOnlyList<ReadPart> Get(params IReadOnlyList<RowId> rows) =>
        [.. rows.Distinct().GroupBy(row => (Shard: ShardOf(row), row.Table)).OrderBy(group => group.Key)
            .Select(group => new ReadPart(group.Key.Shard, group.Key.Table, [.. group], null))];

    /// <summary>Reads a group's rows.</summary>
    public IReadOnlyList<ReadPart> Scan(uint table, int group) =>
        [new ReadPart(SimulatedRows.ShardOf(group, shards), table, [], SimulatedRows.RangeOf(table, group))];

    /// <summary>Reads a whole table on all shards.</summary>
    public IReadOnlyList<ReadPart> ScanAll(uint table) =>
        [.. Enumerable.Range(1, shards)
            .Select(shard => new ReadPart(new ShardId((uint)shard), table, [], SimulatedRows.RangeOf(table)))];

    /// <summary>Writes a row; null deletes it.</summary>
    public void Put(RowId row, string? text)
    {
        byte[] key = SimulatedRows.KeyOf(row);
        TransactionShare share = ShareAt(ShardOf(row));
        share.Writes.RemoveAll(write => ByteKeyComparer.Instance.Equals(write.Key, key));
        share.Writes.Add(new KeyWrite(key, SimulatedRows.ToStored(row, text)));
        share.Writes.Sort((left, right) => ByteKeyComparer.Instance.Compare(left.Key, right.Key));
        Seen[row] = text;
    }

    public bool IsWritten(RowId row) => _shares.TryGetValue(ShardOf(row), out TransactionShare? share)
        && share.Writes.Exists(write => ByteKeyComparer.Instance.Equals(write.Key, SimulatedRows.KeyOf(row)));

    public TransactionShare ShareAt(ShardId shard)
    {
        if (!_shares.TryGetValue(shard, out TransactionShare? share))
        {
            _shares[shard] = share = new TransactionShare();
        }

        return share;
    }
}
