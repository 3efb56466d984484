using System;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Sql;

namespace ShardSql.Gateway.Sessions;

/// <summary>
/// How long a request may run and what ends it: its timeout, the client's Cancel, the end of the session. Time in which
/// the client keeps a result waiting does not count against the timeout; that has a limit of its own.
/// </summary>
internal sealed class RequestScope : IDisposable
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _limit;
    private readonly long _started;
    private readonly CancellationToken _cancelled;
    private readonly CancellationTokenSource _timeout;
    private readonly CancellationTokenSource _linked;
    private TimeSpan _stalled;
    private bool _stalledTooLong;

    public RequestScope(TimeProvider time, uint timeoutMs, CancellationToken cancelled, CancellationToken sessionEnds)
    {
        _time = time;
        _limit = timeoutMs == 0 || timeoutMs > GatewayLimits.MaxStatementTime.TotalMilliseconds
            ? GatewayLimits.MaxStatementTime
            : TimeSpan.FromMilliseconds(timeoutMs);
        _cancelled = cancelled;
        SessionEnds = sessionEnds;
        _started = time.GetTimestamp();
        _timeout = new CancellationTokenSource(_limit, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(cancelled, sessionEnds, _timeout.Token);
    }

    /// <summary>Ends the request's work, a commit that has been sent excepted.</summary>
    public CancellationToken Token => _linked.Token;

    /// <summary>Ends everything: nobody is there any more.</summary>
    public CancellationToken SessionEnds { get; }

    /// <summary>What is left of the timeout.</summary>
    public TimeSpan TimeLeft
    {
        get
        {
            TimeSpan left = _limit - _time.GetElapsedTime(_started) + _stalled;
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Waits for credit: the client's time, not ours.</summary>
    public async Task WaitForCreditAsync(RowWindow window, int bytes)
    {
        long began = _time.GetTimestamp();
        _timeout.CancelAfter(Timeout.InfiniteTimeSpan);
        using var stall = new CancellationTokenSource(GatewayLimits.MaxStall, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stall.Token, Token);
        try
        {
            await window.TakeAsync(bytes, either.Token);
        }
        catch (OperationCanceledException) when (stall.IsCancellationRequested)
        {
            _stalledTooLong = true;
            throw;
        }

        _stalled += _time.GetElapsedTime(began);
        _timeout.CancelAfter(TimeLeft);
    }

    /// <summary>Whether the client has given up for a reason of its own: one that cancels when the time is up tells
    /// nothing that the timeout does not.</summary>
    public bool WasCalledOff => _cancelled.IsCancellationRequested && TimeLeft > GatewayLimits.TimeoutLead;

    /// <summary>The error of a request that was ended; null when the session itself is over.</summary>
    public SqlException? WhyEnded()
    {
        if (_stalledTooLong)
        {
            return new SqlException(SqlStates.QueryCanceled, string.Create(
                CultureInfo.InvariantCulture,
                $"canceling statement: no credit from the client for {GatewayLimits.MaxStall.TotalSeconds} s"));
        }

        if (_cancelled.IsCancellationRequested)
        {
            return new SqlException(SqlStates.QueryCanceled, "canceling statement due to the client's request");
        }

        return _timeout.IsCancellationRequested
            ? new SqlException(SqlStates.QueryCanceled, string.Create(
                CultureInfo.InvariantCulture,
                $"canceling statement due to its timeout of {_limit.TotalMilliseconds} ms"))
            : null;
    }

    public void Dispose()
    {
        _linked.Dispose();
        _timeout.Dispose();
    }
}
