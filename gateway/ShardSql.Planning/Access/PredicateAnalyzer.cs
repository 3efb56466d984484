using System;
using System.Collections.Generic;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Access;

/// <summary>
/// Reads from a WHERE what it says about single columns and rows of columns. Sound, not complete: what it does not
/// understand stays to the filter. It never throws for what the filter would throw at a row.
/// </summary>
internal sealed partial class PredicateAnalyzer
{
    private readonly TableDescriptor _table;
    private readonly Func<ExpressionNode, int> _ordinalOf;
    private readonly Func<Expression, SqlValue> _evaluate;
    private readonly KeyConditions _conditions = new();
    private readonly List<ExpressionTree> _rest = [];

    /// <param name="table">The table.</param>
    /// <param name="ordinalOf">The ordinal of a column node; −1 where it is none of the table's.</param>
    /// <param name="evaluate">The value of a constant expression; SqlException where it has none.</param>
    public PredicateAnalyzer(
        TableDescriptor table, Func<ExpressionNode, int> ordinalOf, Func<Expression, SqlValue> evaluate)
    {
        _table = table;
        _ordinalOf = ordinalOf;
        _evaluate = evaluate;
    }

    /// <summary>The conditions found, and which of the AND-ed parts of the WHERE must still filter: all but those
    /// equalities that fix a whole key by themselves.</summary>
    public (KeyConditions Conditions, IReadOnlyList<ExpressionTree> Left) Analyze(IReadOnlyList<ExpressionTree> conjuncts)
    {
        var keyEqualities = new SortedDictionary<int, ExpressionTree>();
        foreach (ExpressionTree conjunct in conjuncts)
        {
            if (IsKeyEquality(conjunct, out int ordinal) && keyEqualities.TryAdd(ordinal, conjunct))
            {
                continue;
            }

            Use(conjunct);
            _rest.Add(conjunct);
        }

        bool wholeKey = keyEqualities.Count == _table.KeyColumns.Count;
        foreach (ExpressionTree equality in keyEqualities.Values)
        {
            Use(equality);
            if (!wholeKey)
            {
                _rest.Add(equality);
            }
        }

        return (_conditions, _rest);
    }

    private bool IsKeyEquality(ExpressionTree node, out int ordinal)
    {
        ordinal = -1;
        return node.Op == ExpressionOp.Equal
            && (IsColumnAndConstant(node.Children[0], node.Children[1], out ordinal)
                || IsColumnAndConstant(node.Children[1], node.Children[0], out ordinal))
            && Contains(_table.KeyColumns, ordinal)
            && Convert(ValueOf(node, ordinal), ordinal, out _) == Conversion.Exact;
    }

    private SqlValue ValueOf(ExpressionTree equality, int ordinal)
    {
        int constant = Column(equality.Children[0]) == ordinal ? 1 : 0;
        return TryEvaluate(equality.Children[constant], out SqlValue value) ? value : SqlValue.Null;
    }

    private bool IsColumnAndConstant(ExpressionTree left, ExpressionTree right, out int ordinal)
    {
        ordinal = Column(left);
        return ordinal >= 0 && right.IsConstant;
    }

    private void Use(ExpressionTree conjunct)
    {
        if (conjunct.IsConstant)
        {
            if (TryEvaluate(conjunct, out SqlValue value) && !value.IsTrue)
            {
                _conditions.Contradict();
            }

            return;
        }

        switch (conjunct.Op)
        {
            case ExpressionOp.Equal or ExpressionOp.Less or ExpressionOp.LessOrEqual
                or ExpressionOp.Greater or ExpressionOp.GreaterOrEqual:
                UseComparison(conjunct);
                break;
            case ExpressionOp.IsNotDistinctFrom:
                UseNotDistinct(conjunct);
                break;
            case ExpressionOp.Between:
                UseBound(Column(conjunct.Children[0]), ExpressionOp.GreaterOrEqual, conjunct.Children[1]);
                UseBound(Column(conjunct.Children[0]), ExpressionOp.LessOrEqual, conjunct.Children[2]);
                break;
            case ExpressionOp.In:
                UseIn(conjunct);
                break;
            case ExpressionOp.Or:
                UseOr(conjunct);
                break;
            case ExpressionOp.Case when !conjunct.Node.Flag:
                UseCase(conjunct);
                break;
            case ExpressionOp.IsNull:
                int ordinal = Column(conjunct.Children[0]);
                if (ordinal >= 0 && !_table.Columns[ordinal].Nullable)
                {
                    _conditions.Contradict();
                }

                break;
        }
    }

    private void UseComparison(ExpressionTree node)
    {
        ExpressionTree left = node.Children[0];
        ExpressionTree right = node.Children[1];
        if (left.Op == ExpressionOp.Row || right.Op == ExpressionOp.Row)
        {
            UseRowComparison(node);
        }
        else if (Column(left) >= 0)
        {
            UseBound(Column(left), node.Op, right);
        }
        else
        {
            UseBound(Column(right), Mirror(node.Op), left);
        }
    }

    private void UseBound(int ordinal, ExpressionOp op, ExpressionTree constant)
    {
        if (ordinal < 0 || !constant.IsConstant || !TryEvaluate(constant, out SqlValue value))
        {
            return;
        }

        switch (Convert(value, ordinal, out SqlValue converted))
        {
            case Conversion.Never:
                _conditions.Contradict();
                break;
            case Conversion.Inexact when op == ExpressionOp.Equal:
                _conditions.Contradict();
                break;
            case Conversion.Exact when op == ExpressionOp.Equal:
                _conditions.RequireEqual(ordinal, [converted]);
                break;
            case Conversion.Exact when op is ExpressionOp.Greater or ExpressionOp.GreaterOrEqual:
                _conditions.RequireLower(ordinal, new KeyBound(converted, op == ExpressionOp.GreaterOrEqual));
                break;
            case Conversion.Exact:
                _conditions.RequireUpper(ordinal, new KeyBound(converted, op == ExpressionOp.LessOrEqual));
                break;
        }
    }

    private bool TryEvaluate(ExpressionTree constant, out SqlValue value)
    {
        try
        {
            value = _evaluate(constant.ToExpression());
            return true;
        }
        catch (SqlException)
        {
            // The filter meets the same error at the first row, and at no row it must not be met.
            value = default;
            return false;
        }
    }

    private Conversion Convert(SqlValue value, int ordinal, out SqlValue converted) =>
        ColumnConversion.Convert(value, _table.Columns[ordinal].Type.Kind, out converted);

    private int Column(ExpressionTree node) => node.Op == ExpressionOp.Column ? _ordinalOf(node.Node) : -1;

    private static bool Contains(IReadOnlyList<int> list, int value)
    {
        foreach (int item in list)
        {
            if (item == value)
            {
                return true;
            }
        }

        return false;
    }

    private static ExpressionOp Mirror(ExpressionOp op) => op switch
    {
        ExpressionOp.Less => ExpressionOp.Greater,
        ExpressionOp.LessOrEqual => ExpressionOp.GreaterOrEqual,
        ExpressionOp.Greater => ExpressionOp.Less,
        ExpressionOp.GreaterOrEqual => ExpressionOp.LessOrEqual,
        _ => op,
    };
}
