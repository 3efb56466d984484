using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Relations;

/// <summary>The rows of a set operation. Which rows agree in all columns is the same on both sides of a condition, so both
/// queries take it.</summary>
internal sealed class SetRows(
    BoundRelation left, BoundRelation right, SetOperation operation, IReadOnlyList<SqlType> types) : RelationRows
{
    /// <inheritdoc />
    public override bool Takes(Expression condition) =>
        left.Rows.Takes(Over(left, condition)) && right.Rows.Takes(Over(right, condition));

    /// <inheritdoc />
    protected override RelationNode Build() => new()
    {
        SetOperation = new SetOperationNode
        {
            Operator = operation.Operator,
            All = operation.All,
            Left = QueryTail.Cast(left.Rows.Node, left.Columns, types),
            Right = QueryTail.Cast(right.Rows.Node, right.Columns, types),
        },
    };

    /// <inheritdoc />
    protected override void Put(Expression condition)
    {
        left.Rows.Add(Over(left, condition));
        right.Rows.Add(Over(right, condition));
    }

    /// <summary>The condition over the columns of one of the queries.</summary>
    private Expression Over(BoundRelation one, Expression condition) => BoundNodes.Replace(condition, column =>
    {
        RelationColumn own = one.Columns[(int)column];
        Expression value = BoundNodes.Of(BoundNodes.Column(column, own.Type, own.IsNullable));
        return own.Type.Kind == types[(int)column].Kind ? value : BoundNodes.Cast(value, types[(int)column]);
    })!;
}
