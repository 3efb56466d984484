using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Execution.Relations;

/// <summary>
/// Keeps the rows of what is the same for each row outside, so that a query inside of an expression reads its tables
/// once; with keys, a row outside meets only the rows that equal them.
/// </summary>
internal sealed class SpoolOperator : Operator
{
    private const int EntryOverheadBytes = 80;

    private readonly SpoolNode _node;
    private readonly Operator _input;
    private readonly RowBuffer _rows;
    private readonly RowKeys _keys;
    private readonly ByteWriter _key = new();
    private readonly Dictionary<byte[], List<int>> _index = new(ByteKeyComparer.Instance);
    private List<int>? _matches;
    private bool _isKept;
    private bool _isFound;
    private int _next;

    public SpoolOperator(SpoolNode node, RelationContext context)
    {
        _node = node;
        _input = Of(node.Input, context);
        _rows = new RowBuffer(context.Account);
        _keys = new RowKeys(node.Keys, context.Parameters);
    }

    public override void Start() => _input.Start();

    public override PullState Pull(out SqlValue[] row)
    {
        row = [];
        if (!_isKept && !Keep())
        {
            return PullState.Wait;
        }

        if (_node.Keys.Count == 0)
        {
            row = _next < _rows.Count ? _rows[_next] : row;
            return _next++ < _rows.Count ? PullState.Row : PullState.End;
        }

        if (!_isFound)
        {
            _matches = _keys.TryKeyOf([]) is { } key ? _index.GetValueOrDefault(key) : null;
            _isFound = true;
        }

        if (_matches is null || _next >= _matches.Count)
        {
            return PullState.End;
        }

        row = _rows[_matches[_next++]];
        return PullState.Row;
    }

    public override void Rewind()
    {
        _next = 0;
        _isFound = false;
    }

    private bool Keep()
    {
        PullState state;
        while ((state = _input.Pull(out SqlValue[] row)) == PullState.Row)
        {
            if (_node.Keys.Count > 0 && KeyOf(row) is { } key)
            {
                if (!_index.TryGetValue(key, out List<int>? places))
                {
                    places = [];
                    _index.Add(key, places);
                    _rows.Charge(key.Length + EntryOverheadBytes);
                }

                places.Add(_rows.Count);
            }

            _rows.Add(row);
        }

        _isKept = state == PullState.End;
        return _isKept;
    }

    private byte[]? KeyOf(SqlValue[] row)
    {
        _key.Clear();
        foreach (uint column in _node.Columns)
        {
            if (row[(int)column].IsNull)
            {
                return null;
            }

            KeyCodec.Append(_key, row[(int)column]);
        }

        return _key.ToArray();
    }
}
