using System;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>
/// The last part of a query: having → projection → distinct → order → offset and limit → visible columns. Rows that
/// need no sorting go straight to the output; others wait until <see cref="Finish"/>.
/// </summary>
internal sealed class OutputPipeline
{
    private readonly OutputStage _stage;
    private readonly OutputBuffer _output;
    private readonly RowExpression? _having;
    private readonly RowExpression[] _projection;
    private readonly SqlValue[] _projected;
    private readonly DistinctFilter? _distinct;
    private readonly RowSorter? _sorter;
    private long _skip;
    private long _left;

    public OutputPipeline(OutputStage stage, SqlValue[] parameters, MemoryAccount account, OutputBuffer output)
    {
        _stage = stage;
        _output = output;
        _having = RowExpression.Optional(stage.Having, parameters);
        _projection = RowExpression.All(stage.Projection, parameters);
        _projected = new SqlValue[_projection.Length];
        _distinct = stage.Distinct ? new DistinctFilter(account) : null;
        _skip = checked((long)stage.Offset);
        _left = stage.Limited ? checked((long)stage.Limit) : long.MaxValue;
        if (stage.Order.Count > 0 && !stage.Presorted)
        {
            long keep = _left > long.MaxValue - _skip ? long.MaxValue : _left + _skip;
            _sorter = new RowSorter(stage.Order, keep, account);
        }
    }

    /// <summary>Whether no further row can change the output.</summary>
    public bool IsFull => _left == 0;

    /// <summary>The rows that can still leave, where each row that comes in leaves; else null.</summary>
    public long? RowsWanted =>
        _stage.Limited && _sorter is null && _distinct is null && _having is null ? _left + _skip : null;

    /// <summary>Takes a row.</summary>
    public void Add(SqlValue[] row)
    {
        if (IsFull || (_having is not null && !_having.Evaluate(row).IsTrue))
        {
            return;
        }

        SqlValue[] projected = _projection.Length == 0 ? row : Project(row);
        int visible = (int)_stage.Visible;
        Invariant.Check(visible <= projected.Length, "Visible columns are part of the projection.");
        if (_distinct is not null && !_distinct.IsNew(projected.AsSpan(0, visible)))
        {
            return;
        }

        if (_sorter is not null)
        {
            _sorter.Add(projected, visible);
        }
        else if (_skip > 0)
        {
            _skip--;
        }
        else
        {
            _left--;
            _output.Add(projected.AsSpan(0, visible));
        }
    }

    /// <summary>No more rows come.</summary>
    public void Finish() => _sorter?.Finish();

    /// <summary>Moves sorted rows to the output until it is full; true when nothing is left.</summary>
    public bool Drain()
    {
        if (_sorter is null)
        {
            return true;
        }

        while (_left > 0 && !_output.IsFull)
        {
            if (!_sorter.TryTake(out byte[] row))
            {
                return true;
            }

            if (_skip > 0)
            {
                _skip--;
                continue;
            }

            _left--;
            _output.AddEncoded(row);
        }

        return _left == 0;
    }

    private SqlValue[] Project(SqlValue[] row)
    {
        for (int i = 0; i < _projection.Length; i++)
        {
            _projected[i] = _projection[i].Evaluate(row);
        }

        return _projected;
    }
}
