using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Execution;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Spillover;

/// <summary>
/// Rows that are read by their keys, deltas and all (sharding.md §4): each such read reads every pending delta, so where there are
/// many reads a merge pays. Counts are halved at each look, so a row is worth one while reads go on; of more rows than are known
/// none is taken in until others are forgotten.
/// </summary>
public sealed class ReadRows
{
    /// <summary>Rows that are known.</summary>
    public const int RowsMax = 1_024;

    /// <summary>Rows that one look gives at most: those that are read most.</summary>
    public const int TakenMax = 16;

    /// <summary>Reads of a row, counted as above, from which on a look gives it.</summary>
    public const int ReadsNeeded = 4;

    /// <summary>Deltas of a row from which on they are merged for those who read it.</summary>
    public const int DeltasNeeded = 16;

    private readonly Dictionary<(uint Table, byte[] Row), Row> _rows = new(new ByTableAndRow());

    /// <summary>A row is read.</summary>
    public void Add(uint table, SqlValue[] key)
    {
        ArgumentNullException.ThrowIfNull(key);
        byte[] bytes = RowCodec.ToBytes(key);
        if (_rows.TryGetValue((table, bytes), out Row? row))
        {
            row.Reads++;
        }
        else if (_rows.Count < RowsMax)
        {
            _rows.Add((table, bytes), new Row(table, key) { Reads = 1 });
        }
    }

    /// <summary>A look: the rows that are read much, those that are read most first.</summary>
    public IReadOnlyList<(uint Table, SqlValue[] Key)> Look()
    {
        if (_rows.Count == 0)
        {
            return [];
        }

        (uint, SqlValue[])[] read =
        [
            .. _rows.Values.Where(static row => row.Reads >= ReadsNeeded)
                .OrderByDescending(static row => row.Reads)
                .Take(TakenMax)
                .Select(static row => (row.Table, row.Key)),
        ];
        foreach (((uint, byte[]) id, Row row) in _rows)
        {
            row.Reads /= 2;
            if (row.Reads == 0)
            {
                _rows.Remove(id);
            }
        }

        return read;
    }

    private sealed record Row(uint Table, SqlValue[] Key)
    {
        public int Reads { get; set; }
    }

    private sealed class ByTableAndRow : IEqualityComparer<(uint Table, byte[] Row)>
    {
        public bool Equals((uint Table, byte[] Row) x, (uint Table, byte[] Row) y) =>
            x.Table == y.Table && x.Row.AsSpan().SequenceEqual(y.Row);

        public int GetHashCode((uint Table, byte[] Row) obj) => (int)(Hash64.Compute(obj.Row) ^ obj.Table);
    }
}
