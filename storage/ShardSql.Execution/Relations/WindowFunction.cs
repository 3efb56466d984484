using System;
using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Execution.Relations;

/// <summary>One window function over one partition after another.</summary>
internal sealed class WindowFunction
{
    private readonly WindowCall _call;
    private readonly RowComparer _order;
    private readonly RowExpression[] _arguments;
    private readonly AggregateCall? _aggregate;
    private readonly RowExpression? _aggregated;
    private readonly WindowFrameFinder _frames;
    private IReadOnlyList<WindowRow> _rows = [];
    private int _at;
    private long _rank;
    private long _denseRank;
    private IAggregateState? _state;
    private int _added;

    public WindowFunction(WindowCall call, RowComparer order, SqlValue[] parameters)
    {
        _call = call;
        _order = order;
        _arguments = RowExpression.All(call.Arguments, parameters);
        _frames = new WindowFrameFinder(call, order, parameters);
        if (!call.Aggregate.IsEmpty)
        {
            _aggregate = AggregateCall.FromMessage(Expression.Parser.ParseFrom(call.Aggregate));
            _aggregated = _aggregate.Argument is { } argument ? RowExpression.Of(argument, parameters) : null;
        }
    }

    /// <summary>Begins a partition.</summary>
    public void Begin(IReadOnlyList<WindowRow> rows)
    {
        _rows = rows;
        _at = -1;
        _rank = 0;
        _denseRank = 0;
        _state = null;
        _added = 0;
        _frames.Begin(rows);
    }

    /// <summary>The value for the next row.</summary>
    public SqlValue Take()
    {
        _at++;
        bool isPeer = _at > 0 && _order.CompareKeys(_rows[_at].Order, _rows[_at - 1].Order) == 0;
        if (!isPeer)
        {
            _rank = _at + 1;
            _denseRank++;
        }

        SqlValue[] row = _rows[_at].Row;
        return _call.Function switch
        {
            "row_number" => SqlValue.FromInt64(_at + 1),
            "rank" => SqlValue.FromInt64(_rank),
            "dense_rank" => SqlValue.FromInt64(_denseRank),
            "percent_rank" => SqlValue.FromDouble(_rows.Count == 1 ? 0 : (_rank - 1) / (double)(_rows.Count - 1)),
            "cume_dist" => SqlValue.FromDouble(_frames.PeersEnd(_at) / (double)_rows.Count),
            "ntile" => Ntile(row),
            "lag" => Neighbour(row, -1),
            "lead" => Neighbour(row, 1),
            "first_value" or "last_value" or "nth_value" => OfFrame(row),
            _ => Aggregate(),
        };
    }

    private SqlValue Ntile(SqlValue[] row)
    {
        SqlValue argument = _arguments[0].Evaluate(row);
        if (argument.IsNull)
        {
            return SqlValue.NullOf(SqlKind.Int32);
        }

        long tiles = argument.AsInt64();
        if (tiles <= 0)
        {
            throw new SqlException(SqlStates.InvalidParameterValue, "argument of ntile must be greater than zero");
        }

        long size = _rows.Count / tiles;
        long larger = _rows.Count % tiles;
        long tile = _at < larger * (size + 1) ? _at / (size + 1) : larger + ((_at - (larger * (size + 1))) / size);
        return SqlValue.FromInt32((int)tile + 1);
    }

    private SqlValue Neighbour(SqlValue[] row, int direction)
    {
        SqlValue offset = _arguments.Length > 1 ? _arguments[1].Evaluate(row) : SqlValue.FromInt64(1);
        if (offset.IsNull)
        {
            return SqlValue.Null;
        }

        long place = _at + (direction * offset.AsInt64());
        return place >= 0 && place < _rows.Count ? _arguments[0].Evaluate(_rows[(int)place].Row)
            : _arguments.Length > 2 ? _arguments[2].Evaluate(row)
            : SqlValue.Null;
    }

    private SqlValue OfFrame(SqlValue[] row)
    {
        (int start, int end) = _frames.Of(_at);
        long place = start;
        if (_call.Function == "last_value")
        {
            place = end - 1L;
        }
        else if (_call.Function == "nth_value")
        {
            SqlValue n = _arguments[1].Evaluate(row);
            if (!n.IsNull && n.AsInt64() <= 0)
            {
                throw new SqlException(
                    SqlStates.InvalidParameterValue, "argument of nth_value must be greater than zero");
            }

            place = n.IsNull ? end : start + n.AsInt64() - 1;
        }

        return place >= start && place < end ? _arguments[0].Evaluate(_rows[(int)place].Row) : SqlValue.Null;
    }

    /// <summary>A frame that begins with the partition only grows; any other is gathered anew for each row.</summary>
    private SqlValue Aggregate()
    {
        (int start, int end) = _frames.Of(_at);
        if (_call.Start != FrameBoundKind.UnboundedPreceding || _state is null || end < _added)
        {
            _state = _aggregate!.CreateState();
            _added = start;
        }

        for (; _added < end; _added++)
        {
            _state.Add(_aggregated?.Evaluate(_rows[_added].Row) ?? SqlValue.True);
        }

        return _state.Result;
    }
}
