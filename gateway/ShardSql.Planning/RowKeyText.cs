using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Execution;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Primitives;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>Keys of rows without table and index, as the graph of transactions keeps them.</summary>
public static class RowKeyText
{
    /// <summary>The values of the primary key as SQL writes them, in parentheses; null: the bytes are no key of the table as
    /// it is now.</summary>
    public static string? Of(TableDescriptor table, ReadOnlySpan<byte> suffix)
    {
        ArgumentNullException.ThrowIfNull(table);
        int bucket = table.Placement == PlacementKind.Hash ? RowKeyLayout.BucketLength : 0;
        if (suffix.Length < bucket)
        {
            return null;
        }

        var reader = new ByteReader(suffix[bucket..]);
        var values = new Dictionary<int, SqlValue>();
        foreach (int ordinal in table.KeyColumns)
        {
            values[ordinal] = KeyCodec.Read(ref reader, table.Columns[ordinal].Type);
            if (reader.Failed)
            {
                return null;
            }
        }

        return $"({string.Join(", ", table.PrimaryKey.Select(ordinal => ExpressionPrinter.Quote(values[ordinal])))})";
    }

    /// <summary>The segment that a row's key lies in; null: the map has none of the table.</summary>
    public static Segment? SegmentOf(ShardMap map, TableDescriptor table, ReadOnlySpan<byte> suffix)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(table);
        Span<byte> routing = suffix.Length <= RoutingOnStack
            ? stackalloc byte[RowKeyLayout.GroupPrefixLength + suffix.Length]
            : new byte[RowKeyLayout.GroupPrefixLength + suffix.Length];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(routing, table.GroupId);
        suffix.CopyTo(routing[RowKeyLayout.GroupPrefixLength..]);
        return map.Find(routing);
    }

    private const int RoutingOnStack = 256;
}
