using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Execution.Relations;

/// <summary>The rows in order, or the first of them.</summary>
internal sealed class SortOperator(SortNode node, RelationContext context) : Operator
{
    private readonly Operator _input = Of(node.Input, context);
    private RowSorter? _sorter;
    private bool _isSorted;

    public override void Start() => _input.Start();

    public override PullState Pull(out SqlValue[] row)
    {
        _sorter ??= new RowSorter(
            node.Keys,
            node.Keep is null ? long.MaxValue : RowLimit.Of(node.Keep, context.Parameters).Wanted,
            context.Account);
        while (!_isSorted)
        {
            PullState state = _input.Pull(out row);
            if (state == PullState.Wait)
            {
                return state;
            }

            if (state == PullState.End)
            {
                _sorter.Finish();
                _isSorted = true;
                break;
            }

            _sorter.Add(row, row.Length);
        }

        if (!_sorter.TryTake(out byte[] encoded))
        {
            row = [];
            return PullState.End;
        }

        var reader = new ByteReader(encoded);
        row = RowCodec.Read(ref reader);
        return PullState.Row;
    }

    public override void Rewind()
    {
        _input.Rewind();
        while (_isSorted && _sorter!.TryTake(out _))
        {
            continue;
        }

        _sorter = null;
        _isSorted = false;
    }
}
