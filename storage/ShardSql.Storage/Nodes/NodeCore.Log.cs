using System.Collections.Generic;
using System.Linq;

using ShardSql.Consensus;
using ShardSql.Primitives;
using ShardSql.Storage.Wal;

namespace ShardSql.Storage.Nodes;

/// <content>The node's log: what is written to it, what waits until that is synced, and where it is cut.</content>
public sealed partial class NodeCore
{
    private readonly Queue<AfterPersist> _afterPersist = new();
    private ulong _appended;
    private ulong _durable;
    private LogPosition _durableEnd;
    private ulong _truncatedBefore;

    /// <summary>Everything before it is synced.</summary>
    internal LogPosition DurableEnd => _durableEnd;

    /// <summary>Records up to this number are synced; they end at a position.</summary>
    public void OnDurable(ulong sequence, LogPosition end)
    {
        _durable = sequence;
        _durableEnd = end;
        ReleaseAfterPersist();
    }

    internal ulong Append(ShardId shard, PaxosRecord record)
    {
        _encoded.Clear();
        record.Write(_encoded);
        _appended = Log.Append(shard, (byte)record.Kind, _encoded.WrittenSpan);
        return _appended;
    }

    internal bool IsDurable(ulong sequence) => sequence <= _durable;

    internal void SendAfterPersist(ShardReplica replica, PaxosOutgoing outgoing)
    {
        _afterPersist.Enqueue(new AfterPersist(_appended, replica, outgoing));
        if (_appended <= _durable)
        {
            ReleaseAfterPersist();
        }
    }

    private void ReleaseAfterPersist()
    {
        while (_afterPersist.TryPeek(out AfterPersist next) && next.Sequence <= _durable)
        {
            _afterPersist.Dequeue();
            if (next.Replica.HasEnded)
            {
                continue;
            }

            if (next.Outgoing.To == Options.Self)
            {
                next.Replica.StepSelf(next.Outgoing.Message);
            }
            else
            {
                SendPaxos(next.Replica.Shard, next.Outgoing);
            }
        }
    }

    // The log is cut behind what every shard's base store holds; the shard that pins the oldest segment is flushed first.
    private void TruncateLog()
    {
        CarryFormerLives();
        ulong needed = _formerLives.Values.Select(kept => kept.LogNeededFrom).DefaultIfEmpty(ulong.MaxValue).Min();
        ShardReplica? pinning = null;
        foreach (ShardReplica replica in _inOrder)
        {
            if (replica.LogNeededFrom < needed)
            {
                needed = replica.LogNeededFrom;
                pinning = replica;
            }
        }

        // What says that a replica is given up is needed until the base store says it.
        if (needed == ulong.MaxValue || _retirements.Count > 0)
        {
            return;
        }

        if (needed > _truncatedBefore)
        {
            _truncatedBefore = needed;
            Log.TruncateBefore(needed);
        }

        if (_durableEnd.Segment >= needed + (ulong)Options.LogSegmentsMax)
        {
            pinning?.StartFlush();
        }
    }

    private readonly record struct AfterPersist(ulong Sequence, ShardReplica Replica, PaxosOutgoing Outgoing);
}
