using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using ShardSql.Execution;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>Rows of the virtual tables that follow from catalog and map alone: SHOW TABLES and SHOW SEGMENTS.</summary>
public static class VirtualRows
{
    /// <summary>Rows of <see cref="VirtualTables.Tables"/> in the order of names.</summary>
    public static IReadOnlyList<SqlValue[]> Tables(SystemState state)
    {
        var rows = new List<SqlValue[]>();
        foreach (TableDescriptor table in state.Catalog.Tables)
        {
            if (table.View is not null)
            {
                continue;
            }

            int segments = table.Placement == PlacementKind.Reference
                ? state.Map.DataShards.Count
                : state.Map.OfGroup(table.GroupId).Count;
            rows.Add(
            [
                SqlValue.FromText(table.Name),
                SqlValue.FromText(PlacementName(table.Placement)),
                SqlValue.FromText(Names(table, table.ShardKey)),
                SqlValue.FromText(Names(table, table.PrimaryKey)),
                SqlValue.FromInt32((int)table.GroupId),
                SqlValue.FromInt32(VisibleColumns(table)),
                SqlValue.FromInt32(segments),
                SqlValue.FromInt32((int)table.Version),
            ]);
        }

        return rows;
    }

    /// <summary>Rows of <see cref="VirtualTables.Indexes"/> in the order of tables and numbers.</summary>
    public static IReadOnlyList<SqlValue[]> Indexes(SystemState state)
    {
        var rows = new List<SqlValue[]>();
        foreach (TableDescriptor table in state.Catalog.Tables)
        {
            foreach (IndexDescriptor index in table.Indexes)
            {
                var storing = new List<int>();
                foreach (int ordinal in index.Stored)
                {
                    if (!System.Linq.Enumerable.Contains(index.Columns, ordinal)
                        && !System.Linq.Enumerable.Contains(table.KeyColumns, ordinal))
                    {
                        storing.Add(ordinal);
                    }
                }

                rows.Add(
                [
                    SqlValue.FromText(table.Name),
                    SqlValue.FromText(index.Name),
                    SqlValue.FromText(Names(table, index.Columns)),
                    SqlValue.FromText(Names(table, storing)),
                    SqlValue.FromBoolean(index.IsUnique),
                    SqlValue.FromBoolean(index.IsConstraint),
                    SqlValue.FromText(index.IsGlobal ? "GLOBAL" : "LOCAL"),
                    SqlValue.FromText(index.State switch
                    {
                        IndexState.DeleteOnly => "delete-only",
                        IndexState.WriteOnly => "write-only",
                        _ => "public",
                    }),
                ]);
            }
        }

        return rows;
    }

    /// <summary>Rows of <see cref="VirtualTables.ForeignKeys"/> in the order of tables and of their making.</summary>
    public static IReadOnlyList<SqlValue[]> ForeignKeys(SystemState state)
    {
        var rows = new List<SqlValue[]>();
        foreach (TableDescriptor table in state.Catalog.Tables)
        {
            foreach (Reference reference in state.Catalog.ReferencesOf(table))
            {
                rows.Add(
                [
                    SqlValue.FromText(table.Name),
                    SqlValue.FromText(reference.Key.Name),
                    SqlValue.FromText(Names(table, reference.Columns)),
                    SqlValue.FromText(reference.Parent.Name),
                    SqlValue.FromText(Names(reference.Parent, reference.ParentColumns)),
                    SqlValue.FromText(reference.Key.IsMatchFull ? "FULL" : "SIMPLE"),
                    SqlValue.FromText(ForeignKeyRows.RuleOf(reference.Key.OnUpdate)),
                    SqlValue.FromText(ForeignKeyRows.RuleOf(reference.Key.OnDelete)),
                ]);
            }
        }

        return rows;
    }

    /// <summary>Rows of <see cref="VirtualTables.Segments"/> in the order of routing keys, then the copies of reference
    /// tables.</summary>
    public static IReadOnlyList<SqlValue[]> Segments(SystemState state, Func<ShardId, string> leaderOf)
    {
        var rows = new List<SqlValue[]>();
        foreach (Segment segment in state.Map.Segments)
        {
            rows.Add(SegmentRow(state, segment, leaderOf));
        }

        foreach (TableDescriptor table in state.Catalog.Tables)
        {
            if (table.View is not null || table.Placement != PlacementKind.Reference)
            {
                continue;
            }

            foreach (ShardId shard in state.Map.DataShards)
            {
                rows.Add(Row("copy", table.Name, table.GroupId, shard, leaderOf(shard), table.Version, null, null));
            }
        }

        return rows;
    }

    /// <summary>A bound of a segment as people read it: a bucket or the values of a split; null: open.</summary>
    public static string? BoundText(TableDescriptor table, byte[]? routingKey)
    {
        if (routingKey is null || routingKey.Length <= RowKeyLayout.GroupPrefixLength
            || !routingKey.AsSpan().StartsWith(RowKeyLayout.GroupPrefix(table.GroupId)))
        {
            return null;
        }

        int prefix = RowKeyLayout.GroupPrefixLength;
        if (table.Placement != PlacementKind.Hash)
        {
            return ValuesText(table, routingKey.AsSpan(prefix));
        }

        string bucket = string.Create(CultureInfo.InvariantCulture, $"bucket {HashBuckets.BucketOf(routingKey)}");
        prefix += RowKeyLayout.BucketLength;
        return routingKey.Length <= prefix ? bucket : $"{bucket} {ValuesText(table, routingKey.AsSpan(prefix))}";
    }

    /// <summary>Values of a shard key; "after" them where the key is the end of all that begins with them.</summary>
    private static string ValuesText(TableDescriptor table, ReadOnlySpan<byte> key)
    {
        if (Values(table, key) is { } values)
        {
            return values;
        }

        byte[] before = key.ToArray();
        before[^1]--;
        return Values(table, before) is { } last ? $"after {last}" : Convert.ToHexString(key);
    }

    private static string? Values(TableDescriptor table, ReadOnlySpan<byte> key)
    {
        var reader = new ByteReader(key);
        var text = new StringBuilder("(");
        for (int i = 0; i < table.ShardKey.Count && reader.Remaining > 0; i++)
        {
            SqlValue value = KeyCodec.Read(ref reader, table.Columns[table.ShardKey[i]].Type);
            text.Append(i == 0 ? string.Empty : ", ").Append(value.ToText());
        }

        return reader.EndedWell ? text.Append(')').ToString() : null;
    }

    /// <summary>The placement as SQL names it.</summary>
    public static string PlacementName(PlacementKind placement) => placement switch
    {
        PlacementKind.Hash => "HASH",
        PlacementKind.Range => "RANGE",
        PlacementKind.Reference => "REFERENCE",
        _ => "SINGLE",
    };

    /// <summary>The names of a colocation group's tables, as a list.</summary>
    public static string TablesOf(SystemState state, uint groupId) =>
        string.Join(", ", TablesIn(state, groupId).Select(table => table.Name));

    private static IEnumerable<TableDescriptor> TablesIn(SystemState state, uint groupId) =>
        state.Catalog.Tables.Where(table => table.View is null && table.GroupId == groupId);

    private static SqlValue[] SegmentRow(SystemState state, Segment segment, Func<ShardId, string> leaderOf)
    {
        TableDescriptor? any = TablesIn(state, segment.GroupId).LastOrDefault();
        return Row(
            segment.Id.ToString(),
            TablesOf(state, segment.GroupId),
            segment.GroupId,
            segment.Shard,
            leaderOf(segment.Shard),
            segment.Epoch,
            any is null ? null : BoundText(any, segment.Range.Start),
            any is null ? null : BoundText(any, segment.Range.End));
    }

    private static SqlValue[] Row(
        string segment, string tables, uint group, ShardId shard, string leader, uint epoch, string? from, string? to) =>
    [
        SqlValue.FromText(segment),
        SqlValue.FromText(tables),
        SqlValue.FromInt32((int)group),
        SqlValue.FromText(shard.ToString()),
        SqlValue.FromText(leader),
        SqlValue.FromInt64(epoch),
        from is null ? SqlValue.NullOf(Sql.Tree.SqlKind.Text) : SqlValue.FromText(from),
        to is null ? SqlValue.NullOf(Sql.Tree.SqlKind.Text) : SqlValue.FromText(to),
    ];

    /// <summary>Names of columns as a list.</summary>
    internal static string Names(TableDescriptor table, IReadOnlyList<int> ordinals)
    {
        var names = new List<string>(ordinals.Count);
        foreach (int ordinal in ordinals)
        {
            names.Add(table.Columns[ordinal].Name);
        }

        return string.Join(", ", names);
    }

    private static int VisibleColumns(TableDescriptor table)
    {
        int count = 0;
        foreach (ColumnDescriptor column in table.Columns)
        {
            count += column.Hidden ? 0 : 1;
        }

        return count;
    }
}
