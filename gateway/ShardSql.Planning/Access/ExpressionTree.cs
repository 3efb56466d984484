using System.Collections.Generic;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Access;

/// <summary>A node of an expression with its children; a view on the flat list, in which a subtree is contiguous.
/// </summary>
internal sealed class ExpressionTree
{
    private readonly Expression _whole;
    private readonly int _start;
    private readonly int _index;
    private Expression? _part;

    private ExpressionTree(Expression whole, int start, int index, IReadOnlyList<ExpressionTree> children)
    {
        _whole = whole;
        _start = start;
        _index = index;
        Children = children;
        IsConstant = Op is not (ExpressionOp.Column or ExpressionOp.BoundColumn
            or ExpressionOp.Aggregate or ExpressionOp.Default or ExpressionOp.Row);
        foreach (ExpressionTree child in children)
        {
            IsConstant &= child.IsConstant;
        }
    }

    /// <summary>The node.</summary>
    public ExpressionNode Node => _whole.Nodes[_index];

    /// <summary>What it is.</summary>
    public ExpressionOp Op => Node.Op;

    /// <summary>Its operands in order.</summary>
    public IReadOnlyList<ExpressionTree> Children { get; }

    /// <summary>Whether the subtree's value is the same for every row.</summary>
    public bool IsConstant { get; }

    /// <summary>The root of an expression.</summary>
    public static ExpressionTree Of(Expression expression)
    {
        var stack = new Stack<ExpressionTree>();
        for (int i = 0; i < expression.Nodes.Count; i++)
        {
            int count = (int)expression.Nodes[i].Children;
            Invariant.Check(count <= stack.Count, "The children of a node come before it.");
            var children = new ExpressionTree[count];
            for (int c = count - 1; c >= 0; c--)
            {
                children[c] = stack.Pop();
            }

            stack.Push(new ExpressionTree(expression, count == 0 ? i : children[0]._start, i, children));
        }

        Invariant.Check(stack.Count == 1, "An expression has one root.");
        return stack.Pop();
    }

    /// <summary>The subtree as an expression of its own, which nobody changes.</summary>
    public Expression ToExpression() => _part ??= Part();

    /// <summary>The operands of AND, those of nested ones included; itself where it is no AND.</summary>
    public IReadOnlyList<ExpressionTree> Conjuncts()
    {
        var conjuncts = new List<ExpressionTree>();
        var open = new Stack<ExpressionTree>();
        open.Push(this);
        while (open.TryPop(out ExpressionTree? next))
        {
            if (next.Op != ExpressionOp.And)
            {
                conjuncts.Add(next);
                continue;
            }

            for (int i = next.Children.Count - 1; i >= 0; i--)
            {
                open.Push(next.Children[i]);
            }
        }

        return conjuncts;
    }

    private Expression Part()
    {
        var part = new Expression();
        for (int i = _start; i <= _index; i++)
        {
            part.Nodes.Add(_whole.Nodes[i]);
        }

        return part;
    }
}
