using System;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Execution;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Ddl;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Spillover;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Moves;

/// <summary>
/// ALTER TABLE ... SET placement (sharding.md §1). Where rows keep their keys the segments of the table's group are cut and
/// moved as they are wanted, those of its colocated tables with them; where they get other keys the table is rewritten.
/// </summary>
internal static class PlacementChanges
{
    private const string Copy =
        "Make another table with that placement, INSERT INTO it SELECT * FROM this one, DROP TABLE, and ALTER TABLE … RENAME TO.";

    /// <summary>What a statement comes to: steps of the map, or the first step of a rewriting.</summary>
    public static PlannedPlacement Of(PlanningContext context, SegmentAction statement)
    {
        SchemaNames.RequireUserSchema(statement.Table);
        TableDescriptor table = ViewPlanner.RequireTable(
            context.Catalog.Require(statement.Table.Name, (int)statement.Table.Position), statement.Table);
        bool isHidden = table.Columns[table.PrimaryKey[0]].Hidden;
        Placement placement = statement.Placement;
        PlacementPlan wanted = new PlacementPlanner(context, [.. table.Columns], [.. table.PrimaryKey], isHidden).Plan(
            new CreateTable { Table = statement.Table, Placement = placement });
        if (wanted.Kind == table.Placement && wanted.ShardKey.SequenceEqual(table.ShardKey)
            && (placement.Colocated is null || wanted.GroupId == table.GroupId))
        {
            return new PlannedPlacement(StepsTo(context.Map, table, placement, wanted), null, null);
        }

        SpillableColumns.RequireNone(table, (int)placement.Position);
        RequireRewritable(table, wanted, isHidden, (int)placement.Position);
        (DdlChange begin, IndexTarget target) = TableRewrites.Begin(context.State, table, wanted);
        return new PlannedPlacement(null, begin, target);
    }

    // A clause that does not say how the segments are cut, or where they are, leaves them as they are.
    private static IReadOnlyList<MapStep> StepsTo(
        ShardMap map, TableDescriptor table, Placement placement, PlacementPlan wanted)
    {
        bool saysWhere = placement.KindCase switch
        {
            Placement.KindOneofCase.Hash => placement.Hash.Segments > 0,
            Placement.KindOneofCase.Range => placement.Range.Splits.Count > 0,
            Placement.KindOneofCase.Single => placement.Single.HasShard,
            _ => false,
        };
        if (!saysWhere)
        {
            return [];
        }

        List<KeyRange> ranges = Rebased(wanted.Segments, table.GroupId);
        return placement.Single is null
            ? MapPlanner.Arrange(map, table.GroupId, Dealt(map, ranges))
            : MapPlanner.Arrange(map, table.GroupId, [(ranges[0], wanted.Segments[0].Shard)]);
    }

    /// <summary>Ranges that were planned for a new group, in a group that is there.</summary>
    private static List<KeyRange> Rebased(IReadOnlyList<Segment> segments, uint group)
    {
        byte[] prefix = RowKeyLayout.GroupPrefix(group);
        byte[] At(byte[] key) => [.. prefix, .. key.AsSpan(RowKeyLayout.GroupPrefixLength)];
        var ranges = new List<KeyRange>(segments.Count);
        for (int i = 0; i < segments.Count; i++)
        {
            byte[]? end = i + 1 < segments.Count ? At(segments[i + 1].Range.Start) : KeyRange.Prefix(prefix).End;
            ranges.Add(new KeyRange(At(segments[i].Range.Start), end));
        }

        return ranges;
    }

    /// <summary>Gives each range to the shard that has its first key, as long as that has no more than its share, so that
    /// shards have equally many and few rows move.</summary>
    private static List<(KeyRange Range, ShardId To)> Dealt(ShardMap map, List<KeyRange> ranges)
    {
        int share = (ranges.Count + map.DataShards.Count - 1) / map.DataShards.Count;
        var taken = new SortedDictionary<ShardId, int>();
        foreach (ShardId shard in map.DataShards)
        {
            taken.Add(shard, 0);
        }

        var dealt = new List<(KeyRange, ShardId)>(ranges.Count);
        foreach (KeyRange range in ranges)
        {
            ShardId to = map.Find(range.Start)?.Shard ?? default;
            if (taken.GetValueOrDefault(to, share) >= share)
            {
                to = taken.MinBy(static entry => (entry.Value, entry.Key)).Key;
            }

            taken[to]++;
            dealt.Add((range, to));
        }

        return dealt;
    }

    private static void RequireRewritable(TableDescriptor table, PlacementPlan wanted, bool isHidden, int position)
    {
        if (table.Placement == PlacementKind.Reference || wanted.Kind == PlacementKind.Reference)
        {
            throw Refused(
                SqlStates.FeatureNotSupported,
                $"table \"{table.Name}\" cannot {(table.Placement == PlacementKind.Reference ? "cease to be" : "become")} a reference table",
                Copy);
        }

        if (table.Indexes.FirstOrDefault(static i => !i.IsReadable) is { } building)
        {
            throw Refused(
                SqlStates.ObjectNotInPrerequisiteState,
                $"table \"{table.Name}\" is being rewritten, or its index \"{building.Name}\" is being built",
                "SHOW JOBS says how far it is; WAIT JOB waits for it, CANCEL JOB ends it.");
        }

        string? outside = wanted.ShardKey.Where(o => !isHidden && !table.PrimaryKey.Contains(o))
            .Select(o => table.Columns[o].Name).FirstOrDefault();
        if (outside is not null)
        {
            throw Refused(
                SqlStates.FeatureNotSupported,
                $"column \"{outside}\" is not part of the primary key of table \"{table.Name}\": it cannot become part of its shard key",
                Copy);
        }

        if (table.Indexes.Count > 0)
        {
            throw Refused(
                SqlStates.ObjectNotInPrerequisiteState,
                $"the rows of table \"{table.Name}\" get other keys, and its indexes hold the old ones: "
                    + string.Join(", ", table.Indexes.Select(static i => i.Name)),
                "DROP INDEX, or ALTER TABLE … DROP CONSTRAINT, before, and make them again afterwards. Where that cannot be: " + Copy);
        }

        if (wanted.ShardKey.Select(o => table.Columns[o]).FirstOrDefault(static c => c.Nullable) is { } nullable)
        {
            throw Refused(
                SqlStates.ObjectNotInPrerequisiteState,
                $"column \"{nullable.Name}\" may be NULL: it cannot become part of the shard key",
                $"ALTER TABLE {table.Name} ALTER COLUMN {nullable.Name} SET NOT NULL first.");
        }

        SqlException Refused(string state, string message, string hint) =>
            new(state, message, position) { Hint = hint, Table = table.Name };
    }
}
