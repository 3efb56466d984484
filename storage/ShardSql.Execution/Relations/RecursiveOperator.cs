using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Sql.Values;

namespace ShardSql.Execution.Relations;

/// <summary>WITH RECURSIVE: rows leave as they are found, so that a LIMIT above ends what would never end.</summary>
internal sealed class RecursiveOperator : Operator
{
    private readonly RecursiveNode _node;
    private readonly RelationContext _context;
    private readonly Operator _seed;
    private readonly Operator _step;
    private List<SqlValue[]> _found = [];
    private long _foundBytes;
    private long _workingBytes;
    private DistinctFilter _seen;
    private bool _isSeeded;

    public RecursiveOperator(RecursiveNode node, RelationContext context)
    {
        _node = node;
        _context = context;
        _seed = Of(node.Seed, context);
        _step = Of(node.Step, context);
        _seen = new DistinctFilter(context.Account);
    }

    public override void Start() => _seed.Start();

    public override PullState Pull(out SqlValue[] row)
    {
        while (true)
        {
            PullState state = (_isSeeded ? _step : _seed).Pull(out row);
            if (state == PullState.Wait)
            {
                return state;
            }

            if (state == PullState.End)
            {
                if (_found.Count == 0)
                {
                    return state;
                }

                NextRound();
            }
            else if (!_node.Distinct || _seen.IsNew(row))
            {
                long bytes = RowBuffer.CostOf(row);
                _context.Account.Reserve(bytes);
                _foundBytes += bytes;
                _found.Add(row);
                return state;
            }

            if (!_context.TrySpend())
            {
                return PullState.Wait;
            }
        }
    }

    public override void Rewind()
    {
        _context.Account.Release(_foundBytes + _workingBytes);
        _foundBytes = _workingBytes = 0;
        _found = [];
        _context.WorkingRows(_node.Id).Clear();
        _seen.Clear();
        _seen = new DistinctFilter(_context.Account);
        _isSeeded = false;
        _seed.Rewind();
        _step.Rewind();
    }

    private void NextRound()
    {
        List<SqlValue[]> working = _context.WorkingRows(_node.Id);
        working.Clear();
        working.AddRange(_found);
        _found.Clear();
        _context.Account.Release(_workingBytes);
        _workingBytes = _foundBytes;
        _foundBytes = 0;
        _isSeeded = true;
        _step.Rewind();
    }
}

/// <summary>The rows of the last round.</summary>
internal sealed class WorkingOperator(uint id, RelationContext context) : Operator
{
    private int _next;

    public override PullState Pull(out SqlValue[] row)
    {
        List<SqlValue[]> rows = context.WorkingRows(id);
        bool isThere = _next < rows.Count;
        row = isThere ? rows[_next++] : [];
        return isThere ? PullState.Row : PullState.End;
    }

    public override void Rewind() => _next = 0;
}
