using System.Collections.Generic;
using System.Linq;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <summary>
/// Splits expressions of a grouped query in two: keys and aggregates over the input row, and what remains over the
/// grouped row, which is the keys followed by the aggregates' results. Equal aggregates are computed once. Bind all
/// expressions of the query before reading <see cref="Calls"/>.
/// </summary>
public sealed class AggregateBinding
{
    private readonly IExpressionScope _scope;
    private readonly ParameterSet _parameters;
    private readonly List<List<ExpressionNode>> _keyShapes = [];
    private readonly List<BoundExpression> _keys = [];
    private readonly List<List<ExpressionNode>> _callShapes = [];
    private readonly List<AggregateCall> _calls = [];

    /// <summary>A query with these GROUP BY expressions, none for one group of all rows.</summary>
    public AggregateBinding(
        IExpressionScope inputScope,
        IReadOnlyList<Expression> groupBy,
        IReadOnlyDictionary<string, SqlType>? parameterTypes)
    {
        _scope = inputScope;
        _parameters = ParameterSet.From(parameterTypes);
        foreach (Expression key in groupBy)
        {
            if (key.Nodes.FirstOrDefault(n => n.Op == ExpressionOp.Aggregate) is { } aggregate)
            {
                throw new SqlException(
                    SqlStates.GroupingError, "aggregates are not allowed in GROUP BY", (int)aggregate.Position);
            }

            _keyShapes.Add(Shape(key));
            _keys.Add(ExpressionBinder.Bind(key, inputScope, _parameters));
        }
    }

    /// <summary>The keys over the input row.</summary>
    public IReadOnlyList<BoundExpression> Keys => _keys;

    /// <summary>The aggregates over the input row, in the order in which they follow the keys.</summary>
    public IReadOnlyList<AggregateCall> Calls => _calls;

    /// <summary>Binds an expression to the grouped row; 42803 for a column that is neither grouped nor
    /// aggregated.</summary>
    public BoundExpression Bind(Expression tree)
    {
        List<ExpressionNode> shape = Shape(tree);
        var output = new Expression();
        Rewrite(tree.Nodes, shape, shape.Count - 1, output.Nodes);
        Node node = new NodeBuilder(RowScope.Empty, _parameters, allowsBound: true).Build(output);
        return new BoundExpression(Coercion.Settle(node));
    }

    /// <summary>Binds HAVING: 42804 unless it is boolean.</summary>
    public BoundExpression BindCondition(Expression tree, string clause) =>
        new(NodeBuilder.Condition(Bind(tree).Root, clause));

    /// <summary>The nodes with columns resolved and positions dropped, so that equal expressions have equal
    /// nodes.</summary>
    private List<ExpressionNode> Shape(Expression tree)
    {
        NodeBuilder.CheckUnbound(tree);
        return [.. tree.Nodes.Select(Shape)];
    }

    private ExpressionNode Shape(ExpressionNode n)
    {
        ExpressionNode plain = n.Clone();
        plain.Position = 0;
        if (n.Op == ExpressionOp.Column)
        {
            ColumnBinding column = _scope.Resolve(n.Schema, n.Qualifier, n.Name, (int)n.Position);
            plain.Op = ExpressionOp.BoundColumn;
            plain.Schema = plain.Qualifier = plain.Name = string.Empty;
            plain.Ordinal = (uint)column.Ordinal;
            plain.Type = column.Type.ToMessage();
            plain.Flag = column.IsNullable;
        }

        return plain;
    }

    private static int FirstOf(List<ExpressionNode> nodes, int root)
    {
        int first = root;
        for (uint i = 0; i < nodes[root].Children; i++)
        {
            first = FirstOf(nodes, first - 1);
        }

        return first;
    }

    private void Rewrite(
        IList<ExpressionNode> written, List<ExpressionNode> shape, int root, IList<ExpressionNode> output)
    {
        int first = FirstOf(shape, root);
        List<ExpressionNode> part = shape.GetRange(first, root - first + 1);
        int key = _keyShapes.FindIndex(k => k.SequenceEqual(part));
        if (key >= 0)
        {
            output.Add(Place(key, _keys[key].Type, _keys[key].IsNullable, written[root].Position));
            return;
        }

        ExpressionNode node = written[root];
        switch (shape[root].Op)
        {
            case ExpressionOp.Aggregate:
                int call = CallOf(written, part, first, node);
                bool isNullable = _calls[call].Kind is not (AggregateKind.Count or AggregateKind.CountRows);
                output.Add(Place(_keys.Count + call, _calls[call].Type, isNullable, node.Position));
                return;
            case ExpressionOp.BoundColumn:
                throw new SqlException(
                    SqlStates.GroupingError,
                    $"column \"{node.Name}\" must appear in GROUP BY or be used in an aggregate",
                    (int)node.Position)
                {
                    ColumnName = node.Name,
                };
            default:
                foreach (int child in ChildrenOf(shape, root))
                {
                    Rewrite(written, shape, child, output);
                }

                output.Add(node);
                return;
        }
    }

    private static List<int> ChildrenOf(List<ExpressionNode> nodes, int root)
    {
        List<int> children = [];
        int at = root - 1;
        for (uint i = 0; i < nodes[root].Children; i++)
        {
            children.Add(at);
            at = FirstOf(nodes, at) - 1;
        }

        children.Reverse();
        return children;
    }

    private int CallOf(IList<ExpressionNode> written, List<ExpressionNode> part, int first, ExpressionNode node)
    {
        int known = _callShapes.FindIndex(c => c.SequenceEqual(part));
        if (known >= 0)
        {
            return known;
        }

        BoundExpression? argument = null;
        if (node.Children > 0)
        {
            var tree = new Expression();
            tree.Nodes.AddRange(written.Skip(first).Take(part.Count - 1));
            argument = ExpressionBinder.Bind(tree, _scope, _parameters);
        }

        _calls.Add(AggregateCall.Create(node, argument));
        _callShapes.Add(part);
        return _calls.Count - 1;
    }

    private static ExpressionNode Place(int ordinal, SqlType type, bool isNullable, uint position) => new()
    {
        Op = ExpressionOp.BoundColumn,
        Ordinal = (uint)ordinal,
        Type = type.ToMessage(),
        Flag = isNullable,
        Position = position,
    };
}
