using System;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Execution;
using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Simulation.Cluster.Sql;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Cluster.Checks;

/// <summary>The rows of the serial replay: the simulator's own, and those of tables in SQL for each shard.</summary>
internal sealed class SerialRows(int shards, bool isOne = false)
{
    private readonly SortedDictionary<byte[], ReplayedRow> _own = new(ByteKeyComparer.Instance);
    private readonly SortedDictionary<byte[], ReplayedRow> _sql = new(ByteKeyComparer.Instance);
    private readonly SortedDictionary<ShardId, SortedDictionary<byte[], byte[]>> _sqlByShard = [];

    /// <summary>The simulator's rows that are there.</summary>
    public Dictionary<RowId, string> Own() => _own.Where(row => row.Value.Stored is not null)
        .ToDictionary(row => SimulatedRows.IdOf(row.Key), row => SimulatedRows.FromStored(row.Value.Stored)!);

    /// <summary>What a message calls a row.</summary>
    public static string NameOf(byte[] key) =>
        SqlDatabase.IsSql(key) ? Convert.ToHexString(key) : SimulatedRows.IdOf(key).ToString();

    /// <summary>A row, or that there is none.</summary>
    public ReplayedRow Find(byte[] key) => (SqlDatabase.IsSql(key) ? _sql : _own).GetValueOrDefault(key);

    /// <summary>The simulator's rows of a range on a shard.</summary>
    public IEnumerable<KeyValuePair<RowId, string>> In(KeyRange range, ShardId shard) => _own
        .Where(row => row.Value.Stored is not null && range.Contains(row.Key))
        .Select(row => new KeyValuePair<RowId, string>(
            SimulatedRows.IdOf(row.Key), SimulatedRows.FromStored(row.Value.Stored)!))
        .Where(row => SimulatedRows.ShardOf(row.Key.Group, shards) == shard);

    /// <summary>Rows and entries of tables in SQL that are there, on all shards.</summary>
    public IReadOnlyList<KeyValuePair<byte[], byte[]>> AllSql() =>
    [
        .. _sql.Where(row => row.Value.Stored is not null).Select(row => KeyValuePair.Create(row.Key, row.Value.Stored!)),
    ];

    /// <summary>Rows and entries of tables in SQL that are there. Where rows move, all are in one place: a fragment names
    /// the parts of ranges that it means.</summary>
    public SortedDictionary<byte[], byte[]> OfSql(ShardId shard)
    {
        shard = isOne ? ShardId.System : shard;
        if (!_sqlByShard.TryGetValue(shard, out SortedDictionary<byte[], byte[]>? rows))
        {
            _sqlByShard[shard] = rows = new SortedDictionary<byte[], byte[]>(ByteKeyComparer.Instance);
        }

        return rows;
    }

    /// <summary>A committed write at its place.</summary>
    public void Write(ShardId shard, KeyWrite write, HlcTimestamp cstamp)
    {
        bool isSql = SqlDatabase.IsSql(write.Key);
        (isSql ? _sql : _own)[write.Key] = new ReplayedRow(write.Value, cstamp);
        if (isSql && write.Value is { } stored)
        {
            OfSql(shard)[write.Key] = RowStamp.Shown(stored, cstamp);
        }
        else if (isSql)
        {
            OfSql(shard).Remove(write.Key);
        }
    }
}
