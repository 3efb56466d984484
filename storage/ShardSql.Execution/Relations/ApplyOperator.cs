using ShardSql.Execution.Plans;
using ShardSql.Sql.Values;

namespace ShardSql.Execution.Relations;

/// <summary>Each row with the values of the queries inside of its expressions behind it.</summary>
internal sealed class ApplyOperator : Operator
{
    private readonly Operator _input;
    private readonly SubqueryState[] _queries;
    private SqlValue[]? _row;
    private SqlValue[] _wide = [];
    private int _next;

    public ApplyOperator(ApplyNode node, RelationContext context)
    {
        _input = Of(node.Input, context);
        _queries = new SubqueryState[node.Queries.Count];
        for (int i = 0; i < _queries.Length; i++)
        {
            _queries[i] = new SubqueryState(node.Queries[i], context);
        }
    }

    public override void Start() => _input.Start();

    public override PullState Pull(out SqlValue[] row)
    {
        if (_row is null)
        {
            PullState state = _input.Pull(out row);
            if (state != PullState.Row)
            {
                return state;
            }

            _row = row;
            _wide = new SqlValue[row.Length + _queries.Length];
            row.CopyTo(_wide, 0);
            _next = 0;
        }

        for (; _next < _queries.Length; _next++)
        {
            // A later query may read what an earlier one gave.
            if (!_queries[_next].TryEvaluate(_wide, out _wide[_row.Length + _next]))
            {
                row = [];
                return PullState.Wait;
            }
        }

        row = _wide;
        _row = null;
        return PullState.Row;
    }

    public override void Rewind()
    {
        _input.Rewind();
        _row = null;
        foreach (SubqueryState query in _queries)
        {
            query.Rewind();
        }
    }
}
