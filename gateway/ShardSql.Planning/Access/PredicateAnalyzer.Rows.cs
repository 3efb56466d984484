using System.Collections.Generic;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Access;

/// <content>Comparisons of rows of columns with rows of values.</content>
internal sealed partial class PredicateAnalyzer
{
    private void UseRowComparison(ExpressionTree node)
    {
        bool columnsFirst = node.Children[0].Op == ExpressionOp.Row && Columns(node.Children[0]) is not null;
        ExpressionTree columnSide = node.Children[columnsFirst ? 0 : 1];
        ExpressionTree valueSide = node.Children[columnsFirst ? 1 : 0];
        if (columnSide.Op != ExpressionOp.Row || Columns(columnSide) is not { } ordinals
            || ValuesOf(valueSide, ordinals, out bool possible) is not { } values)
        {
            return;
        }

        ExpressionOp op = columnsFirst ? node.Op : Mirror(node.Op);
        if (op == ExpressionOp.Equal)
        {
            for (int i = 0; i < ordinals.Length && possible; i++)
            {
                _conditions.RequireEqual(ordinals[i], [values[i]]);
            }

            if (!possible)
            {
                _conditions.Contradict();
            }
        }
        else if (possible)
        {
            bool lower = op is ExpressionOp.Greater or ExpressionOp.GreaterOrEqual;
            bool inclusive = op is ExpressionOp.GreaterOrEqual or ExpressionOp.LessOrEqual;
            _conditions.Require(new RowBound(ordinals, values, lower, inclusive));
        }
    }

    private void UseRowIn(ExpressionTree node)
    {
        if (Columns(node.Children[0]) is not { } ordinals)
        {
            return;
        }

        var rows = new List<SqlValue[]>(node.Children.Count - 1);
        for (int i = 1; i < node.Children.Count; i++)
        {
            if (ValuesOf(node.Children[i], ordinals, out bool possible) is not { } values)
            {
                return;
            }

            if (possible)
            {
                rows.Add(values);
            }
        }

        _conditions.RequireRows(ordinals, rows);
    }

    private int[]? Columns(ExpressionTree row)
    {
        int[] ordinals = new int[row.Children.Count];
        for (int i = 0; i < ordinals.Length; i++)
        {
            ordinals[i] = Column(row.Children[i]);
            if (ordinals[i] < 0)
            {
                return null;
            }
        }

        return ordinals;
    }

    /// <summary>The values of a row of constants; null where they are not known. Not possible: no row of the table can
    /// equal it.</summary>
    private SqlValue[]? ValuesOf(ExpressionTree row, int[] ordinals, out bool possible)
    {
        possible = true;
        if (row.Op != ExpressionOp.Row || row.Children.Count != ordinals.Length)
        {
            return null;
        }

        var values = new SqlValue[ordinals.Length];
        for (int i = 0; i < values.Length; i++)
        {
            if (!row.Children[i].IsConstant || !TryEvaluate(row.Children[i], out SqlValue value))
            {
                return null;
            }

            Conversion conversion = Convert(value, ordinals[i], out values[i]);
            possible &= conversion == Conversion.Exact;
            if (conversion == Conversion.Unknown)
            {
                return null;
            }
        }

        return values;
    }
}
