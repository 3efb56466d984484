using System;
using System.Collections.Generic;
using ShardSql.Execution;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Access;

/// <summary>
/// Builds the part of keys that row key and routing key share: [bucket] ‖ shard-key columns ‖ rest of the primary key,
/// called the suffix here. Segments are ranges of suffixes, too: their bounds are encodings of at most the shard key, and
/// column encodings are prefix-free, so a row's suffix lies in the segment that its routing key lies in.
/// </summary>
public sealed class KeyBuilder
{
    private readonly TableDescriptor _table;
    private readonly byte[] _rowPrefix;
    private readonly byte[] _groupPrefix;
    private readonly ByteWriter _columns = new(64);

    /// <summary>A builder for a table.</summary>
    public KeyBuilder(TableDescriptor table)
    {
        _table = table;
        _rowPrefix = RowKeyLayout.RowPrefix(table.Id);
        _groupPrefix = RowKeyLayout.GroupPrefix(table.GroupId);
    }

    /// <summary>A builder for the entries of an index beside the rows of a table.</summary>
    public KeyBuilder(TableDescriptor table, ushort index)
        : this(table) => _rowPrefix = RowKeyLayout.RowPrefix(table.Id, index);

    /// <summary>Key columns that must be known before anything narrower than the table can be named: those that the
    /// bucket is computed from.</summary>
    public int ColumnsBeforeFirstByte => _table.Placement == PlacementKind.Hash ? _table.ShardKey.Count : 0;

    /// <summary>The suffix that begins with these leading key columns, which are of the columns' types.</summary>
    public byte[] Suffix(ReadOnlySpan<SqlValue> leading)
    {
        Invariant.Check(leading.Length >= ColumnsBeforeFirstByte, "A hash bucket needs the whole shard key.");
        _columns.Clear();
        if (_table.Placement != PlacementKind.Hash)
        {
            Append(leading);
            return _columns.ToArray();
        }

        Append(leading[.._table.ShardKey.Count]);
        ushort bucket = HashBuckets.Of(_columns.WrittenSpan);
        Append(leading[_table.ShardKey.Count..]);
        byte[] suffix = new byte[RowKeyLayout.BucketLength + _columns.Length];
        suffix[0] = (byte)(bucket >> 8);
        suffix[1] = (byte)bucket;
        _columns.WrittenSpan.CopyTo(suffix.AsSpan(RowKeyLayout.BucketLength));
        return suffix;
    }

    /// <summary>The suffix of a row, values by ordinal.</summary>
    public byte[] SuffixOf(IReadOnlyList<SqlValue> row)
    {
        var key = new SqlValue[_table.KeyColumns.Count];
        for (int i = 0; i < key.Length; i++)
        {
            key[i] = row[_table.KeyColumns[i]];
        }

        return Suffix(key);
    }

    /// <summary>The row key of a suffix.</summary>
    public byte[] RowKey(byte[] suffix) => [.. _rowPrefix, .. suffix];

    /// <summary>A key for the shard map: a routing key, or one with the rest of the primary key behind it, which lies
    /// in the same segment.</summary>
    public byte[] RoutingKey(byte[] suffix) => [.. _groupPrefix, .. suffix];

    /// <summary>The routing keys of a range of suffixes; no end: up to the end of the group.</summary>
    public KeyRange Routing(KeyRange suffixes) => new(
        RoutingKey(suffixes.Start),
        suffixes.End is null ? KeyRange.Prefix(_groupPrefix).End : RoutingKey(suffixes.End));

    /// <summary>The row keys of the part of a range of suffixes that lies in a segment.</summary>
    public KeyRange Rows(KeyRange suffixes, Segment segment)
    {
        KeyRange wanted = new(
            RowKey(suffixes.Start),
            suffixes.End is null ? KeyRange.Prefix(_rowPrefix).End : RowKey(suffixes.End));
        return Intersect(wanted, RowKeyLayout.RowsOf(_table.Id, _table.GroupId, segment.Range));
    }

    /// <summary>The row keys of a range of suffixes on a shard that holds the whole table.</summary>
    public KeyRange Rows(KeyRange suffixes) => new(
        RowKey(suffixes.Start),
        suffixes.End is null ? KeyRange.Prefix(_rowPrefix).End : RowKey(suffixes.End));

    /// <summary>The keys that two ranges share; empty ones end where they start.</summary>
    public static KeyRange Intersect(KeyRange left, KeyRange right)
    {
        byte[] start = ByteKeyComparer.Instance.Compare(left.Start, right.Start) >= 0 ? left.Start : right.Start;
        byte[]? end = left.End is null || (right.End is not null
            && ByteKeyComparer.Instance.Compare(right.End, left.End) < 0)
            ? right.End
            : left.End;
        return end is not null && ByteKeyComparer.Instance.Compare(end, start) < 0
            ? new KeyRange(start, start)
            : new KeyRange(start, end);
    }

    /// <summary>Whether no key lies in the range.</summary>
    public static bool IsEmpty(KeyRange range) =>
        range.End is not null && ByteKeyComparer.Instance.Compare(range.Start, range.End) >= 0;

    private void Append(ReadOnlySpan<SqlValue> values)
    {
        foreach (SqlValue value in values)
        {
            KeyCodec.Append(_columns, value);
        }
    }
}
