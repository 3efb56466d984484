using ShardSql.Sql.Values;

namespace ShardSql.Execution.Relations;

/// <summary>Rows that are computed once, as far as they were read, and kept for all readers.</summary>
internal sealed class SharedRows(Operator input, MemoryAccount account)
{
    private readonly RowBuffer _rows = new(account);
    private bool _ended;

    public PullState Pull(int place, out SqlValue[] row)
    {
        row = [];
        if (place < _rows.Count)
        {
            row = _rows[place];
            return PullState.Row;
        }

        PullState state = _ended ? PullState.End : input.Pull(out row);
        _ended |= state == PullState.End;
        if (state == PullState.Row)
        {
            _rows.Add(row);
        }

        return state;
    }
}

/// <summary>A reader of shared rows.</summary>
internal sealed class SharedOperator(SharedRows rows) : Operator
{
    private int _next;

    public override PullState Pull(out SqlValue[] row)
    {
        PullState state = rows.Pull(_next, out row);
        _next += state == PullState.Row ? 1 : 0;
        return state;
    }

    public override void Rewind() => _next = 0;
}
