using System.Collections.Generic;
using System.Linq;
using Google.Protobuf;
using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Queries;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Writes;

/// <summary>Reads whole rows of a table, hidden columns included, by values of some columns.</summary>
internal static class RowFetch
{
    /// <summary>Not whole rows, but a mark and some columns.</summary>
    /// <param name="Mark">What tells these rows from those of other readings.</param>
    /// <param name="Columns">The columns.</param>
    /// <param name="BreaksOff">Whether one row of each shard is enough.</param>
    internal sealed record Part(int Mark, IReadOnlyList<int> Columns, bool BreaksOff);

    /// <summary>How they are reached.</summary>
    public static TableAccess AccessOf(
        TableDescriptor table, IReadOnlyList<int> columns, IReadOnlyList<SqlValue[]> values, PlanningContext context)
    {
        QuerySource source = QuerySource.Of(table, string.Empty);
        Binding rows = Binding.Of(context, source.Scope);
        return new TableAccessPlanner(source, rows, Condition(source, columns, values)).Plan(context, rows, isWrite: false);
    }

    /// <summary>The plan that gives them.</summary>
    public static StatementPlan Plan(
        TableDescriptor table,
        IReadOnlyList<int> columns,
        IReadOnlyList<SqlValue[]> values,
        PlanningContext context,
        Part? part = null)
    {
        QuerySource source = QuerySource.Of(table, string.Empty);
        Binding rows = Binding.Of(context, source.Scope);
        var planner = new TableAccessPlanner(source, rows, Condition(source, columns, values));
        TableAccess access = planner.Plan(context, rows, isWrite: false);
        StatementPlan plan = Plan(access, rows, context, part);
        return !access.IsLookUp ? plan : LookUps.Before(plan, access, context, found => Plan(
            LookUps.Found(planner, context, rows, isWrite: false, found, AccessWishes.None), rows, context, part));
    }

    private static StatementPlan Plan(TableAccess access, Binding rows, PlanningContext context, Part? part)
    {
        byte[] body = new ScanPlan
        {
            Table = context.Catalog.ShapeOf(access.Table),
            Output = OutputOf(access.Table, part),
        }.ToByteArray();
        return new StatementPlan
        {
            Kind = StatementKind.Query,
            Statement = new Statement(),
            Tag = string.Empty,
            Tasks = FragmentBuilder.Build(
                access.Visited,
                rows,
                access.Shards,
                FragmentStatement.ScanFieldNumber,
                _ => body,
                shard => new ScanPlan { Access = shard.ToMessage(), Filter = access.Filter }),
        };
    }

    /// <summary>All columns of a row, hidden ones included.</summary>
    public static OutputStage WholeRows(TableDescriptor table) => OutputOf(table, null);

    private static OutputStage OutputOf(TableDescriptor table, Part? part)
    {
        var output = new OutputStage();
        if (part is not null)
        {
            output.Projection.Add(BoundExpression.Constant(SqlValue.FromInt32(part.Mark), SqlType.Int32)
                .ToMessage().ToByteString());
            output.Limited = part.BreaksOff;
            output.Limit = part.BreaksOff ? 1UL : 0;
        }

        foreach (int ordinal in part?.Columns ?? Enumerable.Range(0, table.Columns.Count))
        {
            output.Projection.Add(BoundExpression.Column(ordinal, table.Columns[ordinal].Type, table.Columns[ordinal].Nullable)
                .ToMessage().ToByteString());
        }

        output.Visible = (uint)output.Projection.Count;
        return output;
    }

    /// <summary>(c1, c2) IN ((v, v), ...)</summary>
    private static Expression Condition(QuerySource source, IReadOnlyList<int> columns, IReadOnlyList<SqlValue[]> values)
    {
        var condition = new Expression();
        AddRow(condition, columns.Select(c => new ExpressionNode
        {
            Op = ExpressionOp.Column,
            Qualifier = source.Qualifier,
            Name = source.Table!.Columns[c].Name,
        }));
        foreach (SqlValue[] row in values)
        {
            AddRow(condition, row.Select(static v => Binding.Literal(v).Nodes[0]));
        }

        condition.Nodes.Add(new ExpressionNode { Op = ExpressionOp.In, Children = (uint)values.Count + 1 });
        return condition;
    }

    private static void AddRow(Expression condition, IEnumerable<ExpressionNode> values)
    {
        int before = condition.Nodes.Count;
        condition.Nodes.AddRange(values);
        int count = condition.Nodes.Count - before;
        if (count > 1)
        {
            condition.Nodes.Add(new ExpressionNode { Op = ExpressionOp.Row, Children = (uint)count });
        }
    }
}
