using System.Collections.Generic;
using System.Globalization;
using ShardSql.Execution.Plans;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Relations;

/// <summary>Binds VALUES: rows of expressions, whose columns meet in common types.</summary>
internal sealed class ValuesBinder(RelationBuild build, SubqueryFrame? outer, CommonTables? tables)
{
    /// <summary>Binds the rows.</summary>
    public BoundRelation Bind(Select query)
    {
        var stage = new Stage();
        var rewriter = new ExpressionRewriter(build, stage, FromNames.None, outer, tables) { Clause = "VALUES" };
        var rows = new List<List<Expression>>(query.Values.Count);
        var columns = new List<RelationColumn>();
        foreach (ExpressionRow row in query.Values)
        {
            var values = new List<Expression>(row.Values.Count);
            foreach (Expression written in row.Values)
            {
                Expression value = rewriter.Rewrite(written);
                values.Add(value);
                Meet(columns, values.Count - 1, value, written, rows.Count == 0, row.Position);
            }

            rows.Add(values);
            if (values.Count != columns.Count)
            {
                throw BoundNodes.Mismatch("VALUES lists must all be the same length", row.Position);
            }
        }

        // All queries inside of the rows are columns of the one row that these are made of.
        bool isComputed = stage.HasSubqueries;
        if (isComputed && rows.Count > 1)
        {
            throw new SqlException(
                SqlStates.FeatureNotSupported, "a query inside of VALUES with several rows is not supported")
            {
                Hint = "Write SELECT ... UNION ALL SELECT ...",
            };
        }

        return new BoundRelation(
            new PlainRows(() => isComputed ? Computed(rows[0], columns, stage) : Constant(rows, columns, stage)), columns);
    }

    private static void Meet(
        List<RelationColumn> columns, int place, Expression value, Expression written, bool isFirst, uint position)
    {
        var column = new RelationColumn(
            string.Empty,
            string.Create(CultureInfo.InvariantCulture, $"column{place + 1}"),
            BoundNodes.Bind(value).Type,
            IsNullable: true)
        {
            IsUntyped = BoundNodes.IsUntyped(written),
        };
        if (isFirst)
        {
            columns.Add(column);
            return;
        }

        if (place >= columns.Count)
        {
            throw BoundNodes.Mismatch("VALUES lists must all be the same length", position);
        }

        RelationColumn known = columns[place];
        SqlType? type = known.IsUntyped ? column.Type
            : column.IsUntyped ? known.Type
            : BoundExpression.CommonType(known.Type, column.Type);
        columns[place] = known with
        {
            Type = type ?? throw new SqlException(
                SqlStates.DatatypeMismatch,
                $"VALUES types {known.Type} and {column.Type} cannot be matched",
                (int)position),
            IsUntyped = known.IsUntyped && column.IsUntyped,
        };
    }

    private static RelationNode Constant(
        List<List<Expression>> rows, List<RelationColumn> columns, Stage stage)
    {
        var values = new ValuesNode();
        foreach (List<Expression> row in rows)
        {
            var made = new ValuesRow();
            for (int i = 0; i < row.Count; i++)
            {
                made.Values.Add(stage.Bytes(As(row[i], columns[i])));
            }

            values.Rows.Add(made);
        }

        return new RelationNode { Values = values };
    }

    private static RelationNode Computed(
        List<Expression> row, List<RelationColumn> columns, Stage stage)
    {
        stage.Begin(new RelationNode { Values = new ValuesNode { Rows = { new ValuesRow() } } }, 0);
        stage.AddSubqueries();
        var project = new ProjectNode { Input = stage.Node };
        for (int i = 0; i < row.Count; i++)
        {
            project.Expressions.Add(stage.Bytes(As(row[i], columns[i])));
        }

        return new RelationNode { Project = project };
    }

    private static Expression As(Expression value, RelationColumn column) =>
        BoundNodes.Bind(value).Type.Kind == column.Type.Kind
            ? value
            : BoundNodes.Cast(value, new SqlType(column.Type.Kind));
}
