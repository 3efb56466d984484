using ShardSql.Execution.Plans;
using ShardSql.Sql.Values;

namespace ShardSql.Execution.Relations;

/// <summary>Passes on what an operator gives, and counts it.</summary>
internal sealed class CountingOperator : Operator
{
    private readonly Operator _inner;
    private readonly RelationNode _node;
    private readonly RelationCounts _counts;

    public CountingOperator(Operator inner, RelationNode node, RelationCounts counts)
    {
        _inner = inner;
        _node = node;
        _counts = counts;
        counts.Begin(node);
    }

    public override Operator Itself => _inner;

    public override PullState Pull(out SqlValue[] row)
    {
        PullState state = _inner.Pull(out row);
        if (state == PullState.Row)
        {
            _counts.Add(_node);
        }

        return state;
    }

    public override void Rewind() => _inner.Rewind();

    public override void Start() => _inner.Start();
}
