using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Execution.Relations;

/// <summary>The rows of a source, each put into the places of its columns.</summary>
internal sealed class StreamOperator : Operator
{
    private readonly StreamNode _node;
    private readonly RelationContext _context;
    private readonly bool _isWhole;
    private IReadOnlyList<SqlValue[]>? _keys;
    private int _stream = -1;

    public StreamOperator(StreamNode node, RelationContext context)
    {
        _node = node;
        _context = context;
        _isWhole = node.Columns.Count == node.Width;
        for (int i = 0; i < node.Columns.Count; i++)
        {
            _isWhole &= node.Columns[i] == i;
        }
    }

    public override void Start()
    {
        if (_stream < 0)
        {
            _stream = _context.Open((int)_node.Source, _keys);
        }
    }

    /// <summary>Begins again with the rows of some keys.</summary>
    public void LookUp(IReadOnlyList<SqlValue[]> keys)
    {
        _keys = keys;
        _stream = -1;
    }

    public override PullState Pull(out SqlValue[] row)
    {
        row = [];
        Start();
        BatchSource source = _context.StreamAt(_stream);
        if (source.NeedsBatch)
        {
            _context.Needed.Add(_stream);
            return PullState.Wait;
        }

        if (!_context.TrySpend())
        {
            return PullState.Wait;
        }

        if (!source.TryPeek(out SqlValue[] given))
        {
            return source.IsExhausted ? PullState.End : Pull(out row);
        }

        source.Skip();
        row = _isWhole ? given : Spread(given);
        return PullState.Row;
    }

    public override void Rewind()
    {
        _keys = null;
        _stream = -1;
    }

    private SqlValue[] Spread(SqlValue[] given)
    {
        Invariant.Check(given.Length >= _node.Columns.Count, "A source gives the columns that were asked for.");
        var row = new SqlValue[_node.Width];
        for (int i = 0; i < _node.Columns.Count; i++)
        {
            row[(int)_node.Columns[i]] = given[i];
        }

        return row;
    }
}
