using System.Collections.Generic;
using System.Linq;
using Google.Protobuf;
using Google.Protobuf.Collections;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>Splits expressions of a grouped query in two: keys and aggregates over the rows below, and what remains over
/// the groups, whose rows are the keys and then the aggregates.</summary>
internal sealed class GroupRewriter
{
    private readonly ExpressionRewriter _below;
    private readonly List<(string Shape, Expression Value, BoundExpression Bound)> _keys = [];
    private readonly List<(string Shape, Expression Value, AggregateCall Call)> _calls = [];

    public GroupRewriter(ExpressionRewriter below) => _below = below;

    /// <summary>Columns of a group's row.</summary>
    public uint Width => (uint)(_keys.Count + _calls.Count);

    /// <summary>Adds a key over the rows below; before anything else is bound.</summary>
    public void AddKey(Expression value)
    {
        string shape = BoundNodes.Shape(value);
        if (!_keys.Exists(k => k.Shape == shape))
        {
            _keys.Add((shape, value, BoundNodes.Bind(value)));
        }
    }

    /// <summary>Whether a column of the rows below is a key by itself.</summary>
    public bool IsKey(uint column) => _keys.Exists(k => BoundNodes.ColumnOf(k.Value) == (int)column);

    /// <summary>A value of a group over the rows below; null where it takes more than the keys.</summary>
    public Expression? Below(Expression value) =>
        BoundNodes.Replace(value, column => column < _keys.Count ? _keys[(int)column].Value : null);

    /// <summary>What is known of the keys.</summary>
    public KnownColumns Known(KnownColumns below) =>
        KnownColumns.Of(_keys.Select((key, i) => (BoundNodes.ColumnOf(key.Value), (uint)i)), below);

    /// <summary>Writes a subtree that is a key, an aggregate, or a column; false: its parts are looked at.</summary>
    public bool TryEmit(ExpressionTree tree, RepeatedField<ExpressionNode> output)
    {
        if (TryKey(tree) is { } key)
        {
            output.Add(BoundNodes.Column((uint)key, _keys[key].Bound.Type, _keys[key].Bound.IsNullable, tree.Node.Position));
            return true;
        }

        switch (tree.Op)
        {
            case ExpressionOp.Aggregate:
                output.Add(EmitCall(tree));
                return true;
            case ExpressionOp.Column when _below.Names.Find(tree.Node) is not null:
                throw new SqlException(
                    SqlStates.GroupingError,
                    $"column \"{tree.Node.Name}\" must appear in GROUP BY or be used in an aggregate",
                    (int)tree.Node.Position)
                {
                    ColumnName = tree.Node.Name,
                };
            default:
                return false;
        }
    }

    /// <summary>Keys and aggregates as a part of a plan.</summary>
    public Aggregation ToMessage()
    {
        Stage stage = _below.Stage;
        var aggregation = new Aggregation();
        foreach ((string _, Expression value, BoundExpression _) in _keys)
        {
            aggregation.Groups.Add(stage.Bytes(value));
        }

        foreach ((string _, Expression value, AggregateCall _) in _calls)
        {
            aggregation.Aggregates.Add(AggregateCall.FromMessage(stage.Place(value)).ToMessage().ToByteString());
        }

        return aggregation;
    }

    private int? TryKey(ExpressionTree tree)
    {
        if (_keys.Count == 0 || tree.Op is ExpressionOp.Literal or ExpressionOp.Parameter
            || TryShape(tree) is not { } shape)
        {
            return null;
        }

        int key = _keys.FindIndex(k => k.Shape == shape);
        return key >= 0 ? key : null;
    }

    /// <summary>The shape over the rows below; null where it is more than their columns.</summary>
    private string? TryShape(ExpressionTree tree)
    {
        var shape = new Expression();
        return TryShape(tree, shape.Nodes) ? BoundNodes.Shape(shape) : null;
    }

    private bool TryShape(ExpressionTree tree, RepeatedField<ExpressionNode> output)
    {
        if (tree.Op is ExpressionOp.Aggregate or ExpressionOp.Window or ExpressionOp.Query or ExpressionOp.Exists
            or ExpressionOp.Any or ExpressionOp.All)
        {
            return false;
        }

        if (tree.Op == ExpressionOp.Column)
        {
            Expression? column = _below.Names.Find(tree.Node);
            output.AddRange(column?.Nodes ?? []);
            return column is not null;
        }

        foreach (ExpressionTree child in tree.Children)
        {
            if (!TryShape(child, output))
            {
                return false;
            }
        }

        if (tree.Op == ExpressionOp.Parameter)
        {
            _below.Emit(tree, output);
        }
        else
        {
            output.Add(tree.Node);
        }

        return true;
    }

    private ExpressionNode EmitCall(ExpressionTree tree)
    {
        var whole = new Expression();
        string clause = _below.Clause;
        _below.Clause = "an aggregate function";
        foreach (ExpressionTree child in tree.Children)
        {
            _below.Emit(child, whole.Nodes);
        }

        _below.Clause = clause;
        whole.Nodes.Add(tree.Node);
        string shape = BoundNodes.Shape(whole);
        int known = _calls.FindIndex(c => c.Shape == shape);
        if (known < 0)
        {
            known = _calls.Count;
            _calls.Add((shape, whole, AggregateCall.FromMessage(whole)));
        }

        AggregateCall call = _calls[known].Call;
        bool isNullable = call.Kind is not (AggregateKind.Count or AggregateKind.CountRows);
        return BoundNodes.Column((uint)(_keys.Count + known), call.Type, isNullable, tree.Node.Position);
    }
}
