using System;
using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Execution.Relations;

/// <summary>The frame of each row of a partition: from a first row on, to before a last one.</summary>
internal sealed class WindowFrameFinder
{
    private readonly WindowCall _call;
    private readonly RowComparer _order;
    private readonly RowExpression? _startOffset;
    private readonly RowExpression? _endOffset;
    private IReadOnlyList<WindowRow> _rows = [];
    private int _peersStart;
    private int _peersEnd;

    public WindowFrameFinder(WindowCall call, RowComparer order, SqlValue[] parameters)
    {
        _call = call;
        _order = order;
        _startOffset = RowExpression.Optional(call.StartOffset, parameters);
        _endOffset = RowExpression.Optional(call.EndOffset, parameters);
    }

    public void Begin(IReadOnlyList<WindowRow> rows)
    {
        _rows = rows;
        _peersStart = 0;
        _peersEnd = 0;
    }

    /// <summary>The end of the rows that are equal in order to one; rows are asked for in order.</summary>
    public int PeersEnd(int at)
    {
        if (at >= _peersEnd)
        {
            _peersStart = at;
            _peersEnd = at + 1;
            while (_peersEnd < _rows.Count
                && _order.CompareKeys(_rows[_peersEnd].Order, _rows[at].Order) == 0)
            {
                _peersEnd++;
            }
        }

        return _peersEnd;
    }

    /// <summary>The frame of a row.</summary>
    public (int Start, int End) Of(int at)
    {
        int peersEnd = PeersEnd(at);
        int start = _call.Start switch
        {
            FrameBoundKind.UnboundedPreceding => 0,
            FrameBoundKind.CurrentRow => _call.Rows ? at : _peersStart,
            FrameBoundKind.UnboundedFollowing => _rows.Count,
            _ => _call.Rows ? Moved(at, _call.Start, _startOffset!) : FirstFrom(_startOffset!, at, isEnd: false),
        };
        int end = _call.End switch
        {
            FrameBoundKind.UnboundedPreceding => 0,
            FrameBoundKind.CurrentRow => _call.Rows ? at + 1 : peersEnd,
            FrameBoundKind.UnboundedFollowing => _rows.Count,
            _ => _call.Rows ? Moved(at, _call.End, _endOffset!) + 1 : FirstFrom(_endOffset!, at, isEnd: true),
        };
        start = Math.Clamp(start, 0, _rows.Count);
        return (start, Math.Clamp(end, start, _rows.Count));
    }

    private int Moved(int at, FrameBoundKind kind, RowExpression offset)
    {
        SqlValue rows = offset.Evaluate(_rows[at].Row);
        if (rows.IsNull || rows.AsInt64() < 0)
        {
            throw new SqlException(SqlStates.InvalidParameterValue, "frame offset must be neither null nor negative");
        }

        long moved = at + (kind == FrameBoundKind.Preceding ? -rows.AsInt64() : rows.AsInt64());
        return (int)Math.Clamp(moved, -1, _rows.Count);
    }

    /// <summary>The first row at the bound, or behind it, in the one value of the order.</summary>
    private int FirstFrom(RowExpression bound, int at, bool isEnd)
    {
        if (_rows[at].Order[0].IsNull)
        {
            return isEnd ? PeersEnd(at) : _peersStart;
        }

        SqlValue[] value = [bound.Evaluate(_rows[at].Row)];
        for (int i = 0; i < _rows.Count; i++)
        {
            int order = _order.CompareKeys(_rows[i].Order, value);
            if (isEnd ? order > 0 : order >= 0)
            {
                return i;
            }
        }

        return _rows.Count;
    }
}
