using System;

using ShardSql.Execution;
using ShardSql.Planning.Catalogs;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>From keys of rows to what the shard map knows: group, bucket and shard key.</summary>
public static class RoutingKeys
{
    /// <summary>The routing key of a row; null: the bytes are no key of the table as it is now.</summary>
    /// <param name="table">The table.</param>
    /// <param name="suffix">The row's key behind table and index.</param>
    public static byte[]? Of(TableDescriptor table, ReadOnlySpan<byte> suffix)
    {
        ArgumentNullException.ThrowIfNull(table);
        int bucket = table.Placement == PlacementKind.Hash ? RowKeyLayout.BucketLength : 0;
        if (suffix.Length < bucket)
        {
            return null;
        }

        var reader = new ByteReader(suffix[bucket..]);
        foreach (int ordinal in table.ShardKey)
        {
            KeyCodec.Read(ref reader, table.Columns[ordinal].Type);
        }

        return reader.Failed ? null : [.. RowKeyLayout.GroupPrefix(table.GroupId), .. suffix[..^reader.Remaining]];
    }
}
