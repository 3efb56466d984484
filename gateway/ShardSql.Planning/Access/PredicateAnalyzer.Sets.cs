using System.Collections.Generic;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Access;

/// <content>IN lists and what amounts to them.</content>
internal sealed partial class PredicateAnalyzer
{
    private void UseNotDistinct(ExpressionTree node)
    {
        ExpressionTree left = node.Children[0];
        ExpressionTree right = node.Children[1];
        (int ordinal, ExpressionTree constant) = Column(left) >= 0 ? (Column(left), right) : (Column(right), left);
        if (ordinal < 0 || !constant.IsConstant || !TryEvaluate(constant, out SqlValue value))
        {
            return;
        }

        if (!value.IsNull)
        {
            UseBound(ordinal, ExpressionOp.Equal, constant);
        }
        else if (!_table.Columns[ordinal].Nullable)
        {
            _conditions.Contradict();
        }
    }

    private void UseIn(ExpressionTree node)
    {
        if (node.Children[0].Op == ExpressionOp.Row)
        {
            UseRowIn(node);
            return;
        }

        int ordinal = Column(node.Children[0]);
        var values = new List<SqlValue>(node.Children.Count - 1);
        for (int i = 1; i < node.Children.Count; i++)
        {
            if (ordinal < 0 || !TryAddEqual(ordinal, node.Children[i], values))
            {
                return;
            }
        }

        _conditions.RequireEqual(ordinal, values);
    }

    /// <summary>CASE whose conditions are constant is one of its branches; so is IN with a query that has no table, which
    /// is how an empty list arrives.</summary>
    private void UseCase(ExpressionTree node)
    {
        int last = node.Children.Count - 1;
        for (int i = 0; i < last; i += 2)
        {
            if (!node.Children[i].IsConstant || !TryEvaluate(node.Children[i], out SqlValue condition))
            {
                return;
            }

            if (condition.IsTrue)
            {
                Use(node.Children[i + 1]);
                return;
            }
        }

        if (node.Children.Count % 2 == 1)
        {
            Use(node.Children[last]);
        }
        else
        {
            _conditions.Contradict();
        }
    }

    /// <summary>An OR of equalities of one column is an IN list.</summary>
    private void UseOr(ExpressionTree node)
    {
        int ordinal = -1;
        var values = new List<SqlValue>(node.Children.Count);
        foreach (ExpressionTree part in node.Children)
        {
            if (part.Op != ExpressionOp.Equal)
            {
                return;
            }

            bool columnFirst = Column(part.Children[0]) >= 0;
            int column = Column(part.Children[columnFirst ? 0 : 1]);
            if (column < 0 || (ordinal >= 0 && column != ordinal)
                || !TryAddEqual(column, part.Children[columnFirst ? 1 : 0], values))
            {
                return;
            }

            ordinal = column;
        }

        _conditions.RequireEqual(ordinal, values);
    }

    private bool TryAddEqual(int ordinal, ExpressionTree constant, List<SqlValue> values)
    {
        if (!constant.IsConstant || !TryEvaluate(constant, out SqlValue value))
        {
            return false;
        }

        if (constant.Node is not { Op: ExpressionOp.Parameter, Flag: true })
        {
            return TryAddEqual(ordinal, value, values);
        }

        foreach (SqlValue item in ParameterList.Decode(value.AsBytes(), SqlType.FromMessage(constant.Node.Type).Kind))
        {
            if (!TryAddEqual(ordinal, item, values))
            {
                return false;
            }
        }

        return true;
    }

    private bool TryAddEqual(int ordinal, SqlValue value, List<SqlValue> values)
    {
        Conversion conversion = Convert(value, ordinal, out SqlValue converted);
        if (conversion == Conversion.Exact)
        {
            values.Add(converted);
        }

        return conversion != Conversion.Unknown;
    }
}
