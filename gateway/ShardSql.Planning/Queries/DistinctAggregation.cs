using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Queries;

/// <summary>
/// Aggregates over distinct values on several shards: they have no partials, so each shard gives groups and arguments,
/// once each where all aggregates are distinct, and the gateway aggregates.
/// </summary>
internal static class DistinctAggregation
{
    /// <summary>Changes the scan to give the arguments; gives what the gateway does with them.</summary>
    public static StatementRunPlan Plan(ScanPlan scan, BoundQuery query, int sources, Binding rows)
    {
        AggregateBinding grouped = query.Grouped!;
        var output = new OutputStage { Distinct = true };
        var above = new Aggregation();
        foreach (BoundExpression key in grouped.Keys)
        {
            above.Groups.Add(rows.ToBytes(BoundExpression.Column(output.Projection.Count, key.Type, key.IsNullable)));
            output.Projection.Add(rows.ToBytes(key));
        }

        foreach (AggregateCall call in grouped.Calls)
        {
            // Some do not mind that equal rows are given once.
            output.Distinct &= call.IsDistinct || call.IgnoresDuplicates;
            above.Aggregates.Add(rows.ToBytes(AggregateCall.FromMessage(Move(call, output, rows))));
        }

        output.Visible = (uint)output.Projection.Count;
        scan.Aggregation = null;
        scan.Output = output;
        return new StatementRunPlan
        {
            Sources = sources,
            Aggregation = above,
            Output = query.Output,
            Parameters = rows.ParameterValues,
        };
    }

    /// <summary>The aggregate over the column that its argument becomes.</summary>
    private static Expression Move(AggregateCall call, OutputStage output, Binding rows)
    {
        Expression whole = call.ToMessage();
        var moved = new Expression();
        if (call.Argument is { } argument)
        {
            moved.Nodes.AddRange(BoundExpression
                .Column(output.Projection.Count, argument.Type, argument.IsNullable).ToMessage().Nodes);
            output.Projection.Add(rows.ToBytes(argument));
        }
        else if (output.Projection.Count == 0)
        {
            // A row needs a column to be counted by.
            output.Projection.Add(rows.ToBytes(BoundExpression.Constant(SqlValue.True, SqlType.Boolean)));
        }

        moved.Nodes.Add(whole.Nodes[^1]);
        return moved;
    }
}
