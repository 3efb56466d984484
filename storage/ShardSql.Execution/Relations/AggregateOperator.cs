using ShardSql.Execution.Plans;
using ShardSql.Sql.Values;

namespace ShardSql.Execution.Relations;

/// <summary>A row for each group: its values, then the aggregates.</summary>
internal sealed class AggregateOperator(AggregateNode node, RelationContext context) : Operator
{
    private readonly Operator _input = Of(node.Input, context);
    private GroupTable? _groups;
    private bool _isGathered;

    public override void Start() => _input.Start();

    public override PullState Pull(out SqlValue[] row)
    {
        _groups ??= new GroupTable(node.Aggregation, context.Parameters, context.Account);
        while (!_isGathered)
        {
            PullState state = _input.Pull(out row);
            if (state == PullState.Wait)
            {
                return state;
            }

            if (state == PullState.End)
            {
                _groups.Finish();
                _isGathered = true;
                break;
            }

            if (node.Merges)
            {
                _groups.Merge(row);
            }
            else
            {
                _groups.Add(row);
            }
        }

        return _groups.TryTake(out row) ? PullState.Row : PullState.End;
    }

    public override void Rewind()
    {
        _input.Rewind();
        _groups?.Clear();
        _groups = null;
        _isGathered = false;
    }
}
