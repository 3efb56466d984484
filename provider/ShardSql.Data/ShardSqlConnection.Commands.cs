using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data.Commands;
using ShardSql.Data.Options;
using ShardSql.Data.Sessions;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;

namespace ShardSql.Data;

/// <content>Running commands: one at a time, each to its last frame.</content>
public sealed partial class ShardSqlConnection : IRunningCommandOwner
{
    private RunningCommand? _running;
    private Watchdog? _watchdog;

    TimeProvider IRunningCommandOwner.Time => Source.Time;

    ConnectionSettings IRunningCommandOwner.Settings => Source.Settings;

    Watchdog IRunningCommandOwner.Watchdog => _watchdog!;

    internal ConnectionSettings Settings => Source.Settings;

    internal TimeProvider Time => Source.Time;

    /// <summary>The reader that was opened last.</summary>
    internal ShardSqlDataReader? CurrentReader { get; set; }

    internal bool HasLiveSession => _rented is { Session.IsAlive: true };

    /// <summary>Ends when the session of the open connection is lost.</summary>
    internal Task SessionLost => OpenSession.Ended;

    private ShardSqlDataSource Source => _source ?? throw new InvalidOperationException("Connection is closed.");

    private Session OpenSession
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _rented?.Session ?? throw new InvalidOperationException("Connection is closed.");
        }
    }

    /// <summary>Whether the gateway of the open connection reads our statement trees.</summary>
    internal bool TakesTrees => OpenSession.TakesTrees;

    /// <summary>Throws unless the connection is open.</summary>
    internal void RequireOpen() => _ = OpenSession;

    /// <summary>Throws when a command runs or its reader is open.</summary>
    internal void RequireIdle()
    {
        if (_running is { } running)
        {
            string text = Excerpt(running.Work.Texts[0].Text);
            throw new InvalidOperationException(
                $"A command is running on this connection or its reader is open: {text}");
        }
    }

    /// <summary>Sends a command.</summary>
    internal RunningCommand Start(CommandWork work)
    {
        Session session = OpenSession;
        RequireIdle();
        if (work.StatementCount == 0)
        {
            return RunningCommand.Nothing(this, session, work);
        }

        try
        {
            ParsedText? prefix = _transaction is { IsPending: true } && !work.DescribeOnly
                ? _transaction.BeginText
                : null;
            Request request = session.Start(BuildExecute(session, work, prefix));
            if (prefix is not null)
            {
                _transaction!.OnBegun();
            }

            return _running = new RunningCommand(this, session, work, prefix, request);
        }
        catch (SessionLostException lost)
        {
            _transaction?.OnEndedByServer();
            throw ErrorFactory.Lost(lost);
        }
    }

    /// <summary>Runs COMMIT or ROLLBACK.</summary>
    internal async ValueTask RunControlAsync(ParsedText text, CancellationToken cancellationToken)
    {
        var work = new CommandWork { Texts = [text], Parameters = [], TimeoutSeconds = DefaultCommandTimeout };
        RunningCommand command = Start(work);
        while (!command.HasEnded)
        {
            await command.NextAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Asks the server to end what runs, if it came from this command or batch.</summary>
    internal void CancelRunning(object origin)
    {
        if (_running is { } running && ReferenceEquals(running.Work.Origin, origin))
        {
            running.Cancel(CancelCause.Command);
        }
    }

    /// <summary>Ends what still runs: cancelled when nobody needs its effects, else read to its end.</summary>
    internal async ValueTask FinishRunningAsync(bool discard)
    {
        if (_running is not { } running)
        {
            return;
        }

        if (discard || running.Work.ReadsOnly)
        {
            running.Cancel(CancelCause.ReaderClosed);
        }

        try
        {
            while (!running.HasEnded)
            {
                ServerFrame frame = await running.NextAsync(CancellationToken.None).ConfigureAwait(false);
                if (frame.FrameCase == ServerFrame.FrameOneofCase.RowBatch)
                {
                    running.Consumed(frame.RowBatch);
                }
            }
        }
        catch (ShardSqlException) when (running.Cause == CancelCause.ReaderClosed)
        {
            // Its outcome was given up by ending it; the transaction that it may have been part of is rolled back next.
        }
    }

    void IRunningCommandOwner.OnHeld(RunningCommand command)
    {
        if (command.Prefix is { } prefix)
        {
            Hold(command.Session, prefix);
        }

        foreach (ParsedText text in command.Work.Texts)
        {
            Hold(command.Session, text);
        }
    }

    void IRunningCommandOwner.OnEnded(RunningCommand command)
    {
        _running = null;
        command.Session.OnAnswered();
        bool ended = !command.Session.IsAlive || command.Session.State == TransactionState.Idle;
        if (ended && _transaction is { IsPending: false } transaction)
        {
            transaction.OnEndedByServer();
        }
    }

    async ValueTask<ShardSqlException> IRunningCommandOwner.OnLostAsync(
        RunningCommand command, SessionLostException lost)
    {
        Session session = command.Session;
        bool inTransaction = _transaction is not null || session.State != TransactionState.Idle;
        if (command.Work.ReadsOnly || (inTransaction && !command.Work.EndsTransaction))
        {
            // The end of a session rolls its transaction back, and what only reads leaves nothing behind.
            return ErrorFactory.Lost(lost);
        }

        ulong sequence = _transaction?.Sequence ?? session.LastSequence;
        string id = ErrorFactory.TransactionId(session.Id, sequence);
        return await Source.Outcomes!.AskAsync(session, sequence).ConfigureAwait(false) switch
        {
            Outcome.Committed => ErrorFactory.CommittedButLost(id, lost),
            Outcome.RolledBack => ErrorFactory.Lost(lost),
            _ => ErrorFactory.OutcomeUnknown(id, lost),
        };
    }

    private static void Hold(Session session, ParsedText text)
    {
        if (session.Prepared.GetOrAdd(text.Key, text.Statements) is { } entry)
        {
            entry.IsHeld = true;
        }
    }

    private static string Excerpt(string text)
    {
        const int Longest = 100;
        return text.Length <= Longest ? text : string.Concat(text.AsSpan(0, Longest), "…");
    }

    private Execute BuildExecute(Session session, CommandWork work, ParsedText? prefix)
    {
        var execute = new Execute
        {
            TimeoutMs = (uint)Math.Min(work.TimeoutSeconds * 1000L, uint.MaxValue),
            DescribeOnly = work.DescribeOnly,
            AcknowledgedSequence = session.AnsweredSequence,
            TransactionSequence = _transaction?.Sequence
                ?? (session.State == TransactionState.Idle ? session.NextSequence() : session.LastSequence),
        };
        if (prefix is not null)
        {
            execute.TransactionType = _transaction?.TransactionType ?? "";
            Add(execute, session, prefix);
        }

        foreach (ParsedText text in work.Texts)
        {
            Add(execute, session, text);
        }

        execute.Parameters.AddRange(work.Parameters);
        return execute;
    }

    /// <summary>
    /// Adds a text's statements: by number where the server holds them, else as trees that it is to hold.
    /// </summary>
    private static void Add(Execute execute, Session session, ParsedText text)
    {
        if (text.Count == 0)
        {
            return;
        }

        if (!session.TakesTrees)
        {
            execute.Statements.Add(new StatementSource { Text = text.RequireText() });
            return;
        }

        PreparedStatements.Entry? entry = session.Prepared.GetOrAdd(text.Key, text.Statements);
        for (int i = 0; i < text.Count; i++)
        {
            uint number = entry is null ? 0 : entry.First + (uint)i;
            execute.Statements.Add(entry is { IsHeld: true }
                ? new StatementSource { Prepared = number }
                : new StatementSource { Tree = new PreparedTree { Statement = text.Statements[i], Number = number } });
        }
    }

    /// <summary>Makes the session fit for its next user: nothing runs, no transaction is open.</summary>
    private async ValueTask ResetAsync(Session session)
    {
        ShardSqlTransaction? transaction = _transaction;
        bool discard = transaction is not null || session.State != TransactionState.Idle;
        await FinishRunningAsync(discard).ConfigureAwait(false);
        if (transaction is { IsOpen: true })
        {
            await transaction.RollbackAsync(CancellationToken.None).ConfigureAwait(false);
        }

        if (session.IsAlive && session.State != TransactionState.Idle)
        {
            await RollBackTextAsync(session).ConfigureAwait(false);
        }
    }

    /// <summary>Rolls a transaction back that was begun by text.</summary>
    private async ValueTask RollBackTextAsync(Session session)
    {
        try
        {
            await RunControlAsync(StatementTexts.Rollback, CancellationToken.None).ConfigureAwait(false);
        }
        catch (ShardSqlException) when (!session.IsAlive)
        {
            // A session that is gone has rolled back what it had open.
        }
    }
}
