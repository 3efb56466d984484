using System;
using System.Collections.Generic;
using System.Data;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data.Sessions;
using ShardSql.Data.Types;
using ShardSql.Protocol.Messages;

namespace ShardSql.Data;

/// <content>From frames to results and rows.</content>
public sealed partial class ShardSqlDataReader
{
    private Dictionary<string, int>? _ordinals;

    /// <summary>
    /// The next row as far as what has arrived tells; false when only the server can tell. This is the path of nearly
    /// every Read, so it neither waits nor allocates.
    /// </summary>
    private bool TryReadBuffered(out bool hasRow)
    {
        RequireOpen();
        hasRow = false;
        switch (_state)
        {
            case ReaderState.OnRow when _behavior.HasFlag(CommandBehavior.SingleRow):
                _state = ReaderState.AfterWanted;
                return true;
            case ReaderState.BeforeFirst or ReaderState.OnRow:
                break;
            default:
                return true;
        }

        while (true)
        {
            if (_rows.HasNext)
            {
                _rows.Next();
                _state = ReaderState.OnRow;
                hasRow = true;
                return true;
            }

            Credit();
            if (!_running.TryNext(out ServerFrame frame))
            {
                return false;
            }

            if (!TakeRows(frame))
            {
                return true;
            }
        }
    }

    private async ValueTask<bool> ReadSlowAsync(CancellationToken cancellationToken)
    {
        bool hasRow;
        do
        {
            ServerFrame frame = await NextFrameAsync(cancellationToken).ConfigureAwait(false);
            if (!TakeRows(frame))
            {
                return false;
            }
        }
        while (!TryReadBuffered(out hasRow));

        return hasRow;
    }

    /// <summary>Takes a frame inside a result; false at its end.</summary>
    private bool TakeRows(ServerFrame frame)
    {
        switch (frame.FrameCase)
        {
            case ServerFrame.FrameOneofCase.RowBatch:
                _rows.Take(frame.RowBatch);
                _hasRows |= frame.RowBatch.Count > 0;
                return true;
            case ServerFrame.FrameOneofCase.ResultEnd:
                Observe(frame);
                _state = ReaderState.AfterLast;
                return false;
            default:
                throw Misplaced(frame);
        }
    }

    private async ValueTask<bool> NextResultCoreAsync(CancellationToken cancellationToken)
    {
        RequireOpen();
        if (_state == ReaderState.AtEnd)
        {
            return false;
        }

        bool wantsNoMore = (_behavior & (CommandBehavior.SingleResult | CommandBehavior.SingleRow)) != 0;
        if (wantsNoMore && LosesNothing())
        {
            await EndEarlyAsync().ConfigureAwait(false);
            Leave();
            return false;
        }

        while (_state is ReaderState.BeforeFirst or ReaderState.OnRow or ReaderState.AfterWanted)
        {
            Credit();
            ServerFrame frame = await NextFrameAsync(cancellationToken).ConfigureAwait(false);
            if (!TakeRows(frame))
            {
                break;
            }
        }

        _rows.Reset(0);
        if (wantsNoMore)
        {
            await SkipRestAsync(cancellationToken).ConfigureAwait(false);
            return false;
        }

        return await AdvanceToResultAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Only one result was wanted: the others run, and are not shown.</summary>
    private async ValueTask SkipRestAsync(CancellationToken cancellationToken)
    {
        while (!_running.HasEnded)
        {
            Observe(await NextFrameAsync(cancellationToken).ConfigureAwait(false));
        }

        Leave();
    }

    /// <summary>Goes to the next statement that has rows, past those that have none; false at the end.</summary>
    private async ValueTask<bool> AdvanceToResultAsync(CancellationToken cancellationToken)
    {
        _state = ReaderState.BetweenResults;
        while (!_running.HasEnded)
        {
            ServerFrame frame = await NextFrameAsync(cancellationToken).ConfigureAwait(false);
            if (frame.FrameCase == ServerFrame.FrameOneofCase.ResultHeader && frame.ResultHeader.Columns.Count > 0)
            {
                await BeginResultAsync(frame.ResultHeader, cancellationToken).ConfigureAwait(false);
                return true;
            }

            Observe(frame);
        }

        Leave();
        return false;
    }

    private async ValueTask BeginResultAsync(ResultHeader header, CancellationToken cancellationToken)
    {
        var columns = new ResultColumn[header.Columns.Count];
        for (int i = 0; i < columns.Length; i++)
        {
            columns[i] = new ResultColumn(header.Columns[i], i);
        }

        _columns = columns;
        _ordinals = null;
        _rows.Reset(columns.Length);
        _hasRows = false;
        _state = ReaderState.BeforeFirst;

        // HasRows must be known, and an error of the first row belongs to ExecuteReader.
        ServerFrame frame = await NextFrameAsync(cancellationToken).ConfigureAwait(false);
        TakeRows(frame);
    }

    private void Leave()
    {
        _columns = [];
        _ordinals = null;
        _hasRows = false;
        _rows.Reset(0);
        _state = ReaderState.AtEnd;
    }

    private async ValueTask<ServerFrame> NextFrameAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _running.NextAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (_running.HasEnded)
        {
            // The error is the end of all results.
            Leave();
            if (error is ShardSqlException failure)
            {
                failure.For(CommandOf(failure.StatementIndex));
            }

            throw;
        }
    }

    /// <summary>Takes note of what a frame says beside rows.</summary>
    private void Observe(ServerFrame frame)
    {
        switch (frame.FrameCase)
        {
            case ServerFrame.FrameOneofCase.ResultEnd:
                OnResultEnd(frame.ResultEnd);
                break;
            case ServerFrame.FrameOneofCase.RowBatch:
                _running.Consumed(frame.RowBatch);
                break;
            case ServerFrame.FrameOneofCase.ResultHeader or ServerFrame.FrameOneofCase.ExecuteEnd:
                break;
            default:
                throw Misplaced(frame);
        }
    }

    private void OnResultEnd(ResultEnd end)
    {
        int statement = _results++ - (_running.Prefix?.Count ?? 0);
        if (statement < 0 || end.RowsAffected < 0)
        {
            return;
        }

        _recordsAffected = Math.Max(_recordsAffected, 0) + end.RowsAffected;
        CommandOf(statement)?.AddRecordsAffected(end.RowsAffected);
    }

    /// <summary>The command of a batch that a statement belongs to.</summary>
    private ShardSqlBatchCommand? CommandOf(int statement)
    {
        for (int i = 0; _commands is not null && i < _commands.Count; i++)
        {
            statement -= _running.Work.Texts[i].Count;
            if (statement < 0)
            {
                return _commands[i];
            }
        }

        return null;
    }

    private void Credit()
    {
        if (_rows.Batch is { } batch)
        {
            _running.Consumed(batch);
            _rows.Drop();
        }
    }

    private ShardSqlException Misplaced(ServerFrame frame)
    {
        _running.Session.Break($"the gateway sent {frame.FrameCase} where it may not");
        return Session.Unexpected(frame);
    }
}
