using System.Collections.Generic;
using System.Globalization;
using ShardSql.Execution.Plans;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>Binds VALUES: rows of expressions, whose columns meet in common types.</summary>
internal sealed class ValuesBinder(RelationBuild build, SubqueryFrame? outer, CommonTables? tables)
{
    /// <summary>Binds the rows.</summary>
    public BoundRelation Bind(Select query)
    {
        BoundRelation? whole = null;
        foreach (ExpressionRow row in query.Values)
        {
            BoundRelation next = Bind(row);
            whole = whole is null ? next : SetOperations.Combine(
                whole, next, new SetOperation { Operator = SetOperator.Union, All = true, Position = row.Position });
        }

        return whole!;
    }

    private BoundRelation Bind(ExpressionRow row)
    {
        var stage = new Stage();
        var rewriter = new ExpressionRewriter(build, stage, FromNames.None, outer, tables) { Clause = "VALUES" };
        var values = new List<Expression>(row.Values.Count);
        var columns = new List<RelationColumn>(row.Values.Count);
        foreach (Expression written in row.Values)
        {
            Expression value = rewriter.Rewrite(written);
            values.Add(value);
            columns.Add(new RelationColumn(
                string.Empty,
                string.Create(CultureInfo.InvariantCulture, $"column{values.Count}"),
                BoundNodes.Bind(value).Type,
                IsNullable: true)
            {
                IsUntyped = BoundNodes.IsUntyped(written),
            });
        }

        stage.Begin(new RelationNode { Values = new ValuesNode { Rows = { new ValuesRow() } } }, 0);
        stage.AddSubqueries();
        var project = new ProjectNode { Input = stage.Node };
        foreach (Expression value in values)
        {
            project.Expressions.Add(stage.Bytes(value));
        }

        return new BoundRelation(new RelationNode { Project = project }, columns);
    }
}
