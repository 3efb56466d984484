using System;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data.Sessions;
using ShardSql.Data.Telemetry;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;

namespace ShardSql.Data.Commands;

/// <summary>
/// One Execute in flight: gives its frames one after another, ends it early when asked to, and turns its errors into
/// those of the caller. It always runs to its last frame, so that the session is in a known state behind it: a
/// cancelled command is one whose last frame is 57014, unless the server does not answer at all; then the session goes.
/// </summary>
internal sealed class RunningCommand
{
    private readonly IRunningCommandOwner _owner;
    private readonly Request? _request;
    private readonly int _skipped;
    private readonly TimeSpan _timeout;
    private readonly long _began;
    private readonly Activity? _activity;
    private int _cause;
    private int _uncredited;
    private long _rows;
    private int _skippedSeen;

    public RunningCommand(
        IRunningCommandOwner owner, Session session, CommandWork work, ParsedText? prefix, Request request)
        : this(owner, session, work)
    {
        _request = request;
        Prefix = prefix;
        StartedInTransaction = prefix is not null || session.State != TransactionState.Idle;
        _skipped = prefix?.Count ?? 0;
        _timeout = work.TimeoutSeconds == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(work.TimeoutSeconds);
        _began = owner.Time.GetTimestamp();
        _activity = DataActivities.Start(work, owner.Settings);
        DataActivities.SetServer(_activity, session.Host);
    }

    private RunningCommand(IRunningCommandOwner owner, Session session, CommandWork work)
    {
        _owner = owner;
        Session = session;
        Work = work;
    }

    /// <summary>A command without a statement: nothing is sent, and it has ended.</summary>
    public static RunningCommand Nothing(IRunningCommandOwner owner, Session session, CommandWork work) =>
        new(owner, session, work) { HasEnded = true };

    /// <summary>Where it runs.</summary>
    public Session Session { get; }

    /// <summary>What runs.</summary>
    public CommandWork Work { get; }

    /// <summary>What the provider sent ahead of it in the same request: the BEGIN of its transaction.</summary>
    public ParsedText? Prefix { get; }

    /// <summary>Whether it is part of a transaction that it did not begin and end itself.</summary>
    public bool StartedInTransaction { get; }

    /// <summary>Whether the last frame was seen.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Statements that have ended well, those that the provider put in front not counted.</summary>
    public int StatementsDone { get; private set; }

    /// <summary>Why it was asked to end.</summary>
    public CancelCause Cause => (CancelCause)Volatile.Read(ref _cause);

    private Request Sent => _request ?? throw new InvalidOperationException("Nothing was sent.");

    /// <summary>The next frame; ExecuteEnd is the last. Errors are thrown.</summary>
    public ValueTask<ServerFrame> NextAsync(CancellationToken cancellationToken) =>
        Sent.TryRead(out ServerFrame? frame)
            ? new ValueTask<ServerFrame>(Take(frame, cancellationToken))
            : WaitAsync(cancellationToken);

    /// <summary>The next frame if it has arrived already.</summary>
    public bool TryNext(out ServerFrame frame)
    {
        if (!Sent.TryRead(out ServerFrame? arrived))
        {
            frame = null!;
            return false;
        }

        frame = Take(arrived, CancellationToken.None);
        return true;
    }

    /// <summary>Row bytes were read: the server may send as many more.</summary>
    public void Consumed(RowBatch batch)
    {
        _rows += batch.Count;
        _uncredited += batch.Rows.Length;
        if (_uncredited >= Session.CreditThreshold && !HasEnded)
        {
            Session.Credit(Sent, _uncredited);
            _uncredited = 0;
        }
    }

    /// <summary>Asks the server to end it. The last frame must still be read.</summary>
    public void Cancel(CancelCause cause)
    {
        const int None = (int)CancelCause.None;
        if (HasEnded || Interlocked.CompareExchange(ref _cause, (int)cause, None) != None)
        {
            return;
        }

        Session.Cancel(Sent);
        _owner.Watchdog.Rearm(this, _owner.Settings.CancellationTimeout);
    }

    /// <summary>
    /// The watchdog's time has come: first the command is cancelled, and if that does not help, the session.
    /// </summary>
    public void OnWatchdog()
    {
        if (Cause == CancelCause.None)
        {
            Cancel(CancelCause.Timeout);
        }
        else if (!HasEnded)
        {
            double limitMs = _owner.Settings.CancellationTimeout.TotalMilliseconds;
            Session.Break(FormattableString.Invariant($"a cancelled command did not end within {limitMs:0} ms"));
        }
    }

    private async ValueTask<ServerFrame> WaitAsync(CancellationToken cancellationToken)
    {
        ServerFrame frame;
        CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static state => ((RunningCommand)state!).Cancel(CancelCause.Token), this);
        _owner.Watchdog.Arm(this, _timeout);
        try
        {
            if (Cause != CancelCause.None)
            {
                _owner.Watchdog.Rearm(this, _owner.Settings.CancellationTimeout);
            }

            frame = await Sent.ReadAsync().ConfigureAwait(false);
        }
        catch (SessionLostException lost)
        {
            ShardSqlException error = await _owner.OnLostAsync(this, lost).ConfigureAwait(false);
            End(error.SqlState);
            throw IsPlainCancel(error) ? Cancelled(error, cancellationToken) : error;
        }
        finally
        {
            _owner.Watchdog.Disarm();
            await registration.DisposeAsync().ConfigureAwait(false);
        }

        return Take(frame, cancellationToken);
    }

    private ServerFrame Take(ServerFrame frame, CancellationToken cancellationToken)
    {
        switch (frame.FrameCase)
        {
            case ServerFrame.FrameOneofCase.ExecuteEnd:
                Session.Observe(frame.ExecuteEnd);
                _owner.OnHeld(this);
                End(sqlState: null);
                break;
            case ServerFrame.FrameOneofCase.ResultEnd:
                StatementsDone += _skippedSeen < _skipped ? 0 : 1;
                _skippedSeen++;
                break;
            case ServerFrame.FrameOneofCase.Error:
                Session.Observe(frame.Error);
                End(frame.Error.SqlState);
                throw Translate(frame.Error, cancellationToken);
            default:
                break;
        }

        return frame;
    }

    private Exception Translate(Error error, CancellationToken cancellationToken)
    {
        if (Work.Folded is { } folded && error.Position > 0)
        {
            error.Position = folded.PlaceInOriginal(error.Position);
        }

        ShardSqlException translated = ErrorFactory.FromMessage(error, _skipped);
        if (error.SqlState != SqlStates.QueryCanceled)
        {
            return translated;
        }

        return Cause switch
        {
            CancelCause.Token when IsPlainCancel(translated) => Cancelled(translated, cancellationToken),
            CancelCause.Timeout => new ShardSqlException(
                new ErrorDetails(
                    SqlStates.QueryCanceled,
                    FormattableString.Invariant($"the command timed out after {_timeout.TotalSeconds:0.###} s"),
                    translated.Outcome,
                    IsTransient: false)
                {
                    Hint = "CommandTimeout or Command Timeout in the connection string sets the limit.",
                },
                translated),
            _ => translated,
        };
    }

    /// <summary>
    /// Whether the caller's own token ended it; an unknown outcome is more than that, and is never hidden.
    /// </summary>
    private bool IsPlainCancel(ShardSqlException error) =>
        Cause == CancelCause.Token && error.Outcome != ShardSqlOutcome.Unknown;

    private static OperationCanceledException Cancelled(ShardSqlException cause, CancellationToken cancellationToken) =>
        new("The command was cancelled.", cause, cancellationToken);

    private void End(string? sqlState)
    {
        if (HasEnded)
        {
            return;
        }

        HasEnded = true;
        _owner.Watchdog.Disarm();
        DataMetrics.RecordOperation(
            _owner.Time.GetElapsedTime(_began), _rows, _owner.Settings, Work, Session.Host, sqlState);
        DataActivities.Stop(_activity, _rows, sqlState);
        _owner.OnEnded(this);
    }
}
