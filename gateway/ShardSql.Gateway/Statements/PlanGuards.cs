using System.Collections.Generic;

using ShardSql.Planning.Plans;
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
}
