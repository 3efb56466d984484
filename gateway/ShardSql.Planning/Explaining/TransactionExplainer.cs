using System.Collections.Generic;
using System.Globalization;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Explaining;

/// <summary>EXPLAIN TRANSACTION: the verdict over all statements together, then each with its own.</summary>
internal static class TransactionExplainer
{
    /// <summary>The lines; statements see the rows that are there now, nothing is run.</summary>
    public static IReadOnlyList<string> Lines(IReadOnlyList<Statement> statements, PlanningContext context)
    {
        var shards = new SortedSet<ShardId>();
        var lines = new List<string>();
        bool isWrite = false;
        bool pushesWhole = true;
        for (int i = 0; i < statements.Count; i++)
        {
            StatementPlan plan = Planner.Plan(statements[i], context);
            if (plan.Kind is not (StatementKind.Query or StatementKind.Write))
            {
                throw new SqlException(
                    SqlStates.FeatureNotSupported,
                    $"EXPLAIN TRANSACTION of {plan.Tag} is not supported",
                    (int)statements[i].Position)
                {
                    Hint = "A transaction holds SELECT, INSERT, UPDATE and DELETE.",
                };
            }

            shards.UnionWith(plan.TouchedShards);
            context = plan.WrittenShard is { } written
                ? context with { WrittenShards = [.. context.WrittenShards, written] }
                : context;
            isWrite |= plan.Kind == StatementKind.Write;
            pushesWhole &= plan.Relation is null;
            string number = (i + 1).ToString(CultureInfo.InvariantCulture);
            lines.Add($"statement {number}: {plan.Tag}");
            foreach (ExplainLine line in plan.ExplainTree)
            {
                lines.Add("  " + line.Text);
            }
        }

        string reason = shards.Count > 1 ? "the statements read and write on these shards"
            : pushesWhole ? "all statements are on one shard: sent together, they go there as one message"
            : "all statements are on one shard";
        lines.Insert(0, ExplainText.VerdictOf([.. shards], isWrite, reason, context));
        return lines;
    }
}
