using System;
using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Simulation.Cluster;

/// <summary>Virtual time: what is due next happens next, and of two things at one moment the one that was planned first.
/// </summary>
internal sealed class EventQueue
{
    private readonly PriorityQueue<Action, (long AtUs, long Sequence)> _events = new();
    private long _sequence;

    /// <summary>Microseconds since the beginning of the world.</summary>
    public long NowUs { get; private set; }

    /// <summary>Events that have happened.</summary>
    public long Count { get; private set; }

    public void After(long delayUs, Action happens)
    {
        Invariant.Check(delayUs >= 0, "Nothing happens in the past.");
        _events.Enqueue(happens, (NowUs + delayUs, ++_sequence));
    }

    /// <summary>Lets everything happen that is due up to a moment, or until somebody has seen enough.</summary>
    public void RunUntil(long untilUs, Func<bool>? isEnough = null)
    {
        while (_events.TryPeek(out _, out (long AtUs, long Sequence) next) && next.AtUs <= untilUs
            && (isEnough is null || !isEnough()))
        {
            Action happens = _events.Dequeue();
            NowUs = next.AtUs;
            Count++;
            happens();
        }
    }
}
