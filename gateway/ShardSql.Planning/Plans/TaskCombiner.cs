using System;
using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;

namespace ShardSql.Planning.Plans;

/// <summary>Makes one fragment of the statements of a transaction that all resolve to one shard.</summary>
public static class TaskCombiner
{
    /// <summary>
    /// The statements as one task, in order, where each runs on one and the same shard; else null. Statement i of the
    /// fragment is plan i. A plan without tasks (no row can qualify) does not combine.
    /// </summary>
    public static ShardTask? TryCombine(IReadOnlyList<StatementPlan> plans)
    {
        ArgumentNullException.ThrowIfNull(plans);
        ShardId? shard = null;
        foreach (StatementPlan plan in plans)
        {
            if (plan.Kind is not (StatementKind.Query or StatementKind.Write) || plan.Tasks.Count != 1 || !plan.IsPlain
                || (shard is not null && plan.Tasks[0].Shard != shard))
            {
                return null;
            }

            shard = plan.Tasks[0].Shard;
        }

        return shard is null ? null : Combine(shard.Value, plans);
    }

    private static ShardTask Combine(ShardId shard, IReadOnlyList<StatementPlan> plans)
    {
        var fragment = new Fragment();
        var tables = new SortedDictionary<uint, TableGuard>();
        var segments = new SortedDictionary<Maps.SegmentId, SegmentGuard>();
        foreach (StatementPlan plan in plans)
        {
            ShardTask task = plan.Tasks[0];
            foreach (FragmentStatement statement in Fragment.Parser.ParseFrom(task.Fragment.Span).Statements)
            {
                statement.Parameters = UnsafeByteOperations.UnsafeWrap(task.Parameters);
                fragment.Statements.Add(statement);
            }

            foreach (TableGuard guard in task.Tables)
            {
                tables[guard.TableId] = guard;
            }

            foreach (SegmentGuard guard in task.Segments)
            {
                segments[guard.Segment] = guard;
            }
        }

        return new ShardTask
        {
            Shard = shard,
            Fragment = fragment.ToByteArray(),
            Parameters = default,
            Tables = [.. tables.Values],
            Segments = [.. segments.Values],
        };
    }
}
