using System;
using System.Diagnostics;

using ShardSql.Storage.Client;

namespace ShardSql.Storage.Nodes;

/// <summary>Measures where a request spends its time. Made only for requests that ask: nothing decides by it.</summary>
internal sealed class StageWatch
{
    private readonly long _arrived = Stopwatch.GetTimestamp();
    private TimeSpan _worked;
    private TimeSpan _validated;
    private TimeSpan _parked;
    private long _begun;
    private long _parkedAt;
    private long _proposed;

    /// <summary>Work begins.</summary>
    public void Begin() => _begun = Stopwatch.GetTimestamp();

    /// <summary>Work ends for now.</summary>
    public void End() => _worked += Stopwatch.GetElapsedTime(_begun);

    /// <summary>Its rows have gone out and it does nothing until more are asked for.</summary>
    public void Park() => _parkedAt = Stopwatch.GetTimestamp();

    /// <summary>More is asked for.</summary>
    public void GoOn() => _parked += Stopwatch.GetElapsedTime(_parkedAt);

    /// <summary>It is proposed.</summary>
    public void Propose() => _proposed = Stopwatch.GetTimestamp();

    /// <summary>Validation begins.</summary>
    public void BeginValidation() => _begun = Stopwatch.GetTimestamp();

    /// <summary>Validation ends.</summary>
    public void EndValidation() => _validated += Stopwatch.GetElapsedTime(_begun);

    /// <summary>What has been measured up to now.</summary>
    public RequestTimes Times()
    {
        long now = Stopwatch.GetTimestamp();
        TimeSpan all = Stopwatch.GetElapsedTime(_arrived, now);
        TimeSpan consensus = _proposed == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_proposed, now);
        TimeSpan queued = all - consensus - _worked - _parked;
        return new RequestTimes(
            Math.Max(0, (long)queued.TotalMicroseconds),
            (long)_worked.TotalMicroseconds,
            (long)consensus.TotalMicroseconds,
            (long)_validated.TotalMicroseconds);
    }
}
