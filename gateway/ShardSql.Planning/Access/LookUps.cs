using System;
using System.Collections.Generic;
using System.Linq;
using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Access;

/// <summary>Reads the entries of a GLOBAL index, which tell the keys of rows on other shards.</summary>
internal static class LookUps
{
    /// <summary>The tasks that give the suffixes of the rows, at most one more than are looked up.</summary>
    public static IReadOnlyList<ShardTask> Tasks(TableAccess access, PlanningContext context)
    {
        TableDescriptor entries = context.Catalog.Find(access.Index!.EntriesTableId)!;
        int last = entries.Columns.Count - 1;
        byte[] body = new ScanPlan
        {
            Table = context.Catalog.ShapeOf(entries),
            Output = new OutputStage
            {
                Visible = 1,
                Projection = { BoundExpression.Column(last, SqlType.Bytes, false).ToMessage().ToByteString() },
                Limited = true,
                Limit = SuffixPlanner.PointsMax + 1,
            },
        }.ToByteArray();
        return FragmentBuilder.Build(
            entries,
            Binding.WithoutColumns(context),
            access.Shards,
            FragmentStatement.ScanFieldNumber,
            _ => body,
            shard => new ScanPlan { Access = shard.ToMessage() });
    }

    /// <summary>The access of the rows that were found; where they are too many, one without look-ups.</summary>
    public static TableAccess Found(
        TableAccessPlanner planner,
        PlanningContext context,
        Binding rows,
        bool isWrite,
        IReadOnlyList<SqlValue[]> found,
        AccessWishes wishes) => found.Count <= SuffixPlanner.PointsMax
            ? planner.PlanFound(context, rows, found)
            : planner.Plan(context, rows, isWrite, wishes with { TakesLookUps = false });

    /// <summary>A plan that reads the entries first.</summary>
    public static StatementPlan Before(
        StatementPlan plan, TableAccess access, PlanningContext context, Func<IReadOnlyList<SqlValue[]>, StatementPlan> then) =>
        plan with
        {
            Tasks = Tasks(access, context),
            Then = then,
            Touches = () => [.. access.Shards.Select(static s => s.Shard)
                .Union(Ddl.DdlChanges.ShardsOf(context.Map, [access.Table]))],
        };
}
