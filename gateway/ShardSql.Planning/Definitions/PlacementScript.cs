using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ShardSql.Execution;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Primitives;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Definitions;

/// <summary>The placement clause of a table: of the first one of a colocation group how its segments are cut, of the others
/// with which table they lie.</summary>
internal static class PlacementScript
{
    /// <summary>The clause; empty where a table without a key has nothing to say.</summary>
    public static string Of(TableDescriptor table, SystemState state)
    {
        if (table.Placement == PlacementKind.Reference)
        {
            return "REFERENCE";
        }

        TableDescriptor first = state.Catalog.All.First(t => t.GroupId == table.GroupId && t.View is null);
        IReadOnlyList<Segment> segments = state.Map.OfGroup(table.GroupId);
        if (first.Id != table.Id)
        {
            string on = table.ShardKey.Count == 0 ? string.Empty : $" ON {Columns(table, table.ShardKey)}";
            return $"COLOCATED WITH {ExpressionPrinter.Quote(first.Name)}{on}";
        }

        if (table.Placement == PlacementKind.Single)
        {
            return string.Create(CultureInfo.InvariantCulture, $"SINGLE ON SHARD {segments[0].Shard.Value}");
        }

        if (table.ShardKey.Any(o => table.Columns[o].Hidden))
        {
            return string.Empty;
        }

        string key = Columns(table, table.ShardKey);
        return table.Placement == PlacementKind.Hash
            ? string.Create(CultureInfo.InvariantCulture, $"SHARD BY HASH {key} INTO {segments.Count} SEGMENTS")
            : $"SHARD BY RANGE {key}{Splits(table, segments)}";
    }

    /// <summary>A list of columns in parentheses.</summary>
    public static string Columns(TableDescriptor table, IEnumerable<int> ordinals) =>
        $"({string.Join(", ", ordinals.Select(o => ExpressionPrinter.Quote(table.Columns[o].Name)))})";

    private static string Splits(TableDescriptor table, IReadOnlyList<Segment> segments)
    {
        var splits = new List<string>();
        foreach (Segment segment in segments.Skip(1))
        {
            splits.Add(Split(table, segment.Range.Start));
        }

        return splits.Count == 0 ? string.Empty : $" SPLIT AT VALUES {string.Join(", ", splits)}";
    }

    private static string Split(TableDescriptor table, byte[] routingKey)
    {
        var reader = new ByteReader(routingKey.AsSpan(RowKeyLayout.GroupPrefixLength));
        var values = new List<string>();
        for (int i = 0; i < table.ShardKey.Count && reader.Remaining > 0; i++)
        {
            values.Add(ExpressionPrinter.Quote(KeyCodec.Read(ref reader, table.Columns[table.ShardKey[i]].Type)));
        }

        return $"({string.Join(", ", values)})";
    }
}
