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
    /// <summary>The plan that gives them.</summary>
    public static StatementPlan Plan(
        TableDescriptor table, IReadOnlyList<int> columns, IReadOnlyList<SqlValue[]> values, PlanningContext context)
    {
        QuerySource source = QuerySource.Of(table, string.Empty);
        Binding rows = Binding.Of(context, source.Scope);
        var planner = new TableAccessPlanner(source, rows, Condition(source, columns, values));
        TableAccess access = planner.Plan(context, rows, isWrite: false);
        StatementPlan plan = Plan(access, rows, context);
        return !access.IsLookUp ? plan : LookUps.Before(plan, access, context, found => Plan(
            LookUps.Found(planner, context, rows, isWrite: false, found, AccessWishes.None), rows, context));
    }

    private static StatementPlan Plan(TableAccess access, Binding rows, PlanningContext context)
    {
        var output = new OutputStage { Visible = (uint)access.Table.Columns.Count };
        for (int i = 0; i < access.Table.Columns.Count; i++)
        {
            output.Projection.Add(BoundExpression.Column(i, access.Table.Columns[i].Type, access.Table.Columns[i].Nullable)
                .ToMessage().ToByteString());
        }

        byte[] body = new ScanPlan { Table = context.Catalog.ShapeOf(access.Table), Output = output }.ToByteArray();
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
