using System.Collections.Generic;

using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Transactions;

namespace ShardSql.Gateway.Statements;

/// <summary>What a plan counts on, as the shards check it.</summary>
internal static class PlanGuards
{
    /// <summary>The table versions and segment epochs of a task.</summary>
    public static List<Guard> Of(ShardTask task)
    {
        var guards = new List<Guard>(task.Tables.Count + task.Segments.Count);
        foreach (TableGuard table in task.Tables)
        {
            guards.Add(new Guard(GuardKind.Table, table.TableId, table.Version));
        }

        foreach (SegmentGuard segment in task.Segments)
        {
            guards.Add(new Guard(GuardKind.Segment, segment.Segment.Value, segment.Epoch));
        }

        return guards;
    }

    /// <summary>What a change of the schema sets at a shard: whoever counted on something else is refused.</summary>
    public static IEnumerable<Guard> Of(DdlChange change, ShardId shard)
    {
        foreach (TableDescriptor table in change.Added)
        {
            // What deltas had added to rows before is nowhere to be read once they are not looked for.
            bool endsSpillover = table.Spillover is null && change.Before.Catalog.Find(table.Id) is { Spillover: not null };
            yield return new Guard(GuardKind.Table, table.Id, table.Version, endsSpillover);
        }

        foreach (TableDescriptor table in change.Dropped)
        {
            yield return new Guard(GuardKind.Table, table.Id, 0);
        }

        foreach (Segment segment in change.AddedSegments)
        {
            if (segment.Shard == shard)
            {
                yield return new Guard(GuardKind.Segment, segment.Id.Value, segment.Epoch);
            }
        }

        foreach (Segment segment in change.RemovedSegments)
        {
            if (segment.Shard == shard)
            {
                yield return new Guard(GuardKind.Segment, segment.Id.Value, 0);
            }
        }
    }
}
