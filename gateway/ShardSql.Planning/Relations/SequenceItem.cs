using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Access;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>
/// An expression that changes a sequence for each row: what is read of the row for it, its largest parts that change
/// nothing, and what is evaluated over their values when the row is there.
/// </summary>
internal sealed class SequenceItem
{
    private readonly List<(ExpressionNode? Node, int Read)> _nodes = [];
    private readonly List<Expression> _reads = [];

    /// <summary>Splits an expression; 0A000 where what changes a sequence is inside of what makes one value of many rows.
    /// </summary>
    public SequenceItem(Expression expression) => Add(ExpressionTree.Of(expression));

    /// <summary>What must be read.</summary>
    public IReadOnlyList<Expression> Reads => _reads;

    /// <summary>0A000 for an expression that changes a sequence and reads what is not of the row at hand.</summary>
    public static Expression RequireUnread(Expression expression) => IsRead(expression)
        ? throw new SqlException(
            SqlStates.FeatureNotSupported,
            "an expression that takes numbers of a sequence and reads columns is not supported here",
            (int)expression.Nodes[^1].Position)
        {
            Hint = "Take the number alone, as an item or a value of its own.",
        }
        : expression;

    /// <summary>Whether an expression is one of columns alone: no query, no aggregate.</summary>
    public static bool IsOfRow(Expression expression) => !BoundNodes.Contains(expression, IsOfMany);

    /// <summary>What is evaluated, with the columns that hold what was read.</summary>
    public Expression Over(Func<int, ExpressionNode> column)
    {
        var over = new Expression();
        foreach ((ExpressionNode? node, int read) in _nodes)
        {
            over.Nodes.Add(node ?? column(read));
        }

        return over;
    }

    private void Add(ExpressionTree tree)
    {
        Expression part = tree.ToExpression();
        if (!SequenceFunctions.ChangesIn(part) && IsRead(part))
        {
            _nodes.Add((null, _reads.Count));
            _reads.Add(part);
            return;
        }

        if (tree.Children.Count > 0 && IsOfMany(tree.Node))
        {
            throw new SqlException(
                SqlStates.FeatureNotSupported,
                "numbers of a sequence inside of an aggregate or a window function are not supported",
                (int)tree.Node.Position)
            {
                Hint = "Take them in a query of its own, and INSERT them where they can be read.",
            };
        }

        foreach (ExpressionTree child in tree.Children)
        {
            Add(child);
        }

        _nodes.Add((tree.Node, 0));
    }

    private static bool IsRead(Expression expression) => BoundNodes.Contains(
        expression, static n => n.Op == ExpressionOp.Column || IsOfMany(n));

    private static bool IsOfMany(ExpressionNode node) => node.Op is ExpressionOp.Aggregate or ExpressionOp.Window
        or ExpressionOp.Query or ExpressionOp.Exists or ExpressionOp.Any or ExpressionOp.All;
}
