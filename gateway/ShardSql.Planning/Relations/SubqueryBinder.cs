using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Relations;

/// <summary>Binds queries inside of expressions: each becomes a column that is added to the row.</summary>
internal sealed class SubqueryBinder(RelationBuild build, ExpressionRewriter outside, CommonTables? tables)
{
    /// <summary>A query for its one value, or EXISTS.</summary>
    public ExpressionNode Bind(ExpressionNode node)
    {
        (SubqueryFrame frame, BoundRelation relation) = BindQuery(node.Query);
        bool isValue = node.Op == ExpressionOp.Query;
        if (isValue && relation.Columns.Count != 1)
        {
            throw BoundNodes.Mismatch("a query used as an expression must return one column", node.Position);
        }

        SqlType type = isValue ? relation.Columns[0].Type : SqlType.Boolean;
        uint place = outside.Stage.Add(new PendingSubquery
        {
            Kind = isValue ? SubqueryKind.Value : SubqueryKind.Exists,
            Plan = () => Spools.Insert(relation.Rows.Node, build.Parameters),
            Frame = frame,
            Type = type,
        });
        return BoundNodes.Column(place, type, isValue, node.Position);
    }

    /// <summary>A comparison with the rows of a query.</summary>
    public IReadOnlyList<ExpressionNode> BindQuantified(ExpressionTree tree)
    {
        ExpressionNode node = tree.Node;
        ExpressionTree left = tree.Children[0];
        var operands = new List<Expression>();
        foreach (ExpressionTree operand in left.Op == ExpressionOp.Row ? left.Children : [left])
        {
            operands.Add(outside.Rewrite(operand));
        }

        (SubqueryFrame frame, BoundRelation relation) = BindQuery(node.Query);
        if (relation.Columns.Count != operands.Count)
        {
            throw BoundNodes.Mismatch(
                relation.Columns.Count > operands.Count
                    ? "the query has too many columns"
                    : "the query has too few columns",
                node.Position);
        }

        // NOT (x = ANY ...) is looked up, x <> ALL ... would be compared with each row.
        bool isNone = node.Op == ExpressionOp.All && node.Name == "<>";
        ExpressionOp op = isNone ? ExpressionOp.Equal : Operator(node.Name);
        IReadOnlyList<ByteString>? aligned = op == ExpressionOp.Equal ? Align(operands, relation) : null;
        uint place = outside.Stage.Add(new PendingSubquery
        {
            Kind = isNone || node.Op == ExpressionOp.Any ? SubqueryKind.Any : SubqueryKind.All,
            Plan = () => Spools.Insert(Aligned(relation.Rows.Node, aligned), build.Parameters),
            Frame = frame,
            Operands = operands,
            Comparison = Comparison(op, operands, relation, aligned is not null, node.Position),
            IsHashed = aligned is not null,
            Type = SqlType.Boolean,
        });
        ExpressionNode value = BoundNodes.Column(place, SqlType.Boolean, isNullable: true, node.Position);
        return isNone ? [value, new ExpressionNode { Op = ExpressionOp.Not, Children = 1, Position = node.Position }] : [value];
    }

    private (SubqueryFrame Frame, BoundRelation Relation) BindQuery(Select query)
    {
        var frame = new SubqueryFrame(build, outside);
        return (frame, new QueryRelationBinder(build, frame, tables).Bind(query));
    }

    /// <summary>Gives operands and columns that are compared for equality the same types; null where they have none in
    /// which they can be hashed.</summary>
    private static List<ByteString>? Align(List<Expression> operands, BoundRelation relation)
    {
        var columns = new List<ByteString>(operands.Count);
        for (int i = 0; i < operands.Count; i++)
        {
            RelationColumn column = relation.Columns[i];
            SqlType type = BoundNodes.Bind(operands[i]).Type;
            SqlType? common = BoundNodes.IsUntyped(operands[i]) ? column.Type
                : column.IsUntyped ? type
                : BoundExpression.CommonType(type, column.Type);
            if (common is not { } meeting || meeting.Kind is SqlKind.Json or SqlKind.Null)
            {
                return null;
            }

            var plain = new SqlType(meeting.Kind);
            Expression value = BoundNodes.Of(BoundNodes.Column((uint)i, column.Type, column.IsNullable));
            operands[i] = type.Kind == plain.Kind && !BoundNodes.IsUntyped(operands[i])
                ? operands[i]
                : BoundNodes.Cast(operands[i], plain);
            columns.Add(BoundNodes
                .Bind(column.Type.Kind == plain.Kind ? value : BoundNodes.Cast(value, plain)).ToMessage().ToByteString());
        }

        return columns;
    }

    private static RelationNode Aligned(RelationNode rows, IReadOnlyList<ByteString>? columns) =>
        columns is null ? rows : new RelationNode { Project = new ProjectNode { Input = rows, Expressions = { columns } } };

    private static Expression Comparison(
        ExpressionOp op, List<Expression> operands, BoundRelation relation, bool isAligned, uint position)
    {
        var comparison = new Expression();
        var columns = new List<ExpressionNode>(operands.Count);
        for (int i = 0; i < operands.Count; i++)
        {
            SqlType type = BoundNodes.Bind(operands[i]).Type;
            comparison.Nodes.Add(BoundNodes.Column((uint)i, type, isNullable: true, position));
            columns.Add(BoundNodes.Column(
                (uint)(operands.Count + i), isAligned ? type : relation.Columns[i].Type, isNullable: true, position));
        }

        if (operands.Count > 1)
        {
            comparison.Nodes.Add(new ExpressionNode { Op = ExpressionOp.Row, Children = (uint)operands.Count });
        }

        comparison.Nodes.AddRange(columns);
        if (operands.Count > 1)
        {
            comparison.Nodes.Add(new ExpressionNode { Op = ExpressionOp.Row, Children = (uint)operands.Count });
        }

        comparison.Nodes.Add(new ExpressionNode { Op = op, Children = 2, Position = position });
        _ = BoundNodes.Bind(comparison);
        return comparison;
    }

    private static ExpressionOp Operator(string name) => name switch
    {
        "=" => ExpressionOp.Equal,
        "<>" or "!=" => ExpressionOp.NotEqual,
        "<" => ExpressionOp.Less,
        "<=" => ExpressionOp.LessOrEqual,
        ">" => ExpressionOp.Greater,
        ">=" => ExpressionOp.GreaterOrEqual,
        _ => throw new SqlException(SqlStates.ProtocolViolation, "a comparison of an unknown kind"),
    };
}
