using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Execution;
using ShardSql.Planning.Catalogs;
using ShardSql.Primitives;
using ShardSql.Sql.Values;
using ShardSql.Storage.Nodes;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Cluster.Checks;

/// <summary>At the end, with nothing undecided: what a row has above its bound is what its slots' quotas hold, on each
/// replica.</summary>
internal sealed class QuotaCheck(TableDescriptor table)
{
    private const int IdColumn = 2;

    private readonly SpilloverDescriptor _spillover = table.Spillover!;
    private readonly Dictionary<SqlValue, Int128> _above = [];
    private readonly Dictionary<SqlValue, Int128> _quotas = [];
    private readonly List<(byte[] Key, SqlValue Row)> _headers = [];

    /// <summary>Takes the rows in: those of the table, deltas, headers.</summary>
    public void Add(IEnumerable<KeyValuePair<byte[], byte[]>> rows)
    {
        int value = table.OrdinalOf(_spillover.Columns[0]);
        foreach ((byte[] key, byte[] stored) in rows)
        {
            uint of = BinaryPrimitives.ReadUInt32BigEndian(key);
            if (of != table.Id && of != _spillover.DeltasTableId)
            {
                continue;
            }

            var reader = new ByteReader(stored.AsSpan(1));
            SqlValue[] row = RowCodec.Read(ref reader);
            SqlValue id = of == table.Id ? row[table.KeyColumns[0]] : row[1];
            long amount = row[of == table.Id ? value : IdColumn + 1].AsInt64();
            _above[id] = _above.GetValueOrDefault(id) + amount - (of == table.Id ? _spillover.Bound : 0);
            if (of == _spillover.DeltasTableId && row[IdColumn].AsBytes().Length == 0)
            {
                _headers.Add((key, id));
            }
        }
    }

    /// <summary>Takes the quotas of a replica in; gives what is wrong with them.</summary>
    /// <param name="replica">The replica.</param>
    /// <param name="isHere">Whether a key lives at its shard.</param>
    /// <param name="counts">Whether they are counted: of one replica of each shard.</param>
    public IEnumerable<string> Look(ShardReplica replica, Func<byte[], bool> isHere, bool counts)
    {
        foreach ((byte[] key, SqlValue row) in _headers.Where(header => isHere(header.Key)))
        {
            Quota? quota = replica.Machine.Versions.Find(key)?.Quota;
            if (quota is null || quota.Reserved != 0)
            {
                yield return $"row {row.ToText()} has a slot with {quota?.Amount} and {quota?.Reserved} reserved of it at {replica.Shard}";
            }
            else if (counts)
            {
                _quotas[row] = _quotas.GetValueOrDefault(row) + quota.Amount;
            }
        }
    }

    /// <summary>Rows whose quotas are not what they have.</summary>
    public IEnumerable<string> Wrong() => _quotas.Where(row => row.Value != _above.GetValueOrDefault(row.Key))
        .Select(row => $"row {row.Key.ToText()} is {_above.GetValueOrDefault(row.Key)} above its bound, its quotas hold {row.Value}");
}
