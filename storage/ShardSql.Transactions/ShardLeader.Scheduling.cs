using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Transactions;

/// <summary>
/// Local and reorder queue (seed 004). Cross-shard transactions are taken in stamp order after an adaptive hold;
/// single-shard ones whose keys overlap no pending cross-shard one go ahead of it. Waits go from larger to smaller
/// stamps only, so nothing waits in a circle.
/// </summary>
public sealed partial class ShardLeader
{
    private readonly SortedDictionary<(HlcTimestamp Stamp, TxnId Id), Held> _reorder = new(HeldOrder.Instance);
    private readonly Dictionary<TxnId, List<long>> _waiting = [];
    private readonly List<long> _waitingForCeiling = [];
    private readonly List<long> _woken = [];
    private readonly CountingBloomFilter _pendingCross = new();
    private readonly Dictionary<TxnId, TransactionShare> _filtered = [];

    /// <summary>The hold of the reorder queue.</summary>
    public AdaptiveHold Hold { get; } = new();

    /// <summary>Says "may overlap a pending cross-shard transaction".</summary>
    public CountingBloomFilter PendingCross => _pendingCross;

    /// <summary>PREPAREs that are held back.</summary>
    public int ReorderQueueLength => _reorder.Count;

    /// <summary>Requests that wait for somebody's outcome.</summary>
    public int LocalQueueLength { get; private set; }

    /// <summary>When the reorder queue wants to be looked at again, µs; never: <see cref="long.MaxValue"/>.</summary>
    public long NextReleaseUs
    {
        get
        {
            long next = long.MaxValue;
            foreach (Held held in _reorder.Values)
            {
                next = long.Min(next, held.ReleaseUs);
            }

            return next;
        }
    }

    /// <summary>Takes a PREPARE into the reorder queue.</summary>
    /// <param name="id">The transaction.</param>
    /// <param name="stamp">c(T): its place in the queue.</param>
    /// <param name="share">Its keys.</param>
    /// <param name="token">Given back by <see cref="TakeReleased"/>.</param>
    /// <param name="nowUs">Now, µs.</param>
    public void HoldPrepare(TxnId id, HlcTimestamp stamp, TransactionShare share, long token, long nowUs)
    {
        _reorder[(stamp, id)] = new Held(token, nowUs + Hold.Microseconds);
        Filter(id, share);
    }

    /// <summary>PREPAREs whose hold is over, with all of smaller stamps before them.</summary>
    public void TakeReleased(long nowUs, List<long> released)
    {
        HlcTimestamp through = HlcTimestamp.Zero;
        bool any = false;
        foreach (((HlcTimestamp stamp, _), Held held) in _reorder)
        {
            if (held.ReleaseUs <= nowUs)
            {
                through = stamp;
                any = true;
            }
        }

        if (!any)
        {
            return;
        }

        var keys = new List<(HlcTimestamp, TxnId)>();
        foreach (((HlcTimestamp Stamp, TxnId Id) key, Held held) in _reorder)
        {
            if (key.Stamp > through)
            {
                break;
            }

            released.Add(held.Token);
            keys.Add(key);
        }

        keys.ForEach(key => _reorder.Remove(key));
    }

    /// <summary>
    /// Whom a transaction must wait for before it is proposed: an undecided or proposed PREPARE of a smaller stamp that
    /// writes what it reads or writes. One with a larger stamp is not waited for: validation refuses then.
    /// </summary>
    public TxnId? BlockerOf(TransactionShare share, HlcTimestamp stamp)
    {
        foreach (Guard guard in share.Guards)
        {
            if (Setter(guard, stamp) is { } setter)
            {
                return setter;
            }
        }

        foreach (Guard guard in share.NewGuards)
        {
            if ((Setter(guard, stamp) ?? Holder(guard, sets: false, stamp)) is { } blocker)
            {
                return blocker;
            }
        }

        return BlockerOnKeys(share, stamp);
    }

    /// <summary>Makes a request wait for a transaction's outcome.</summary>
    public void WaitFor(TxnId id, long token)
    {
        if (!_waiting.TryGetValue(id, out List<long>? tokens))
        {
            _waiting[id] = tokens = [];
        }

        tokens.Add(token);
        LocalQueueLength++;
        Counters.Waits++;
    }

    /// <summary>Makes a read wait for the next ceiling.</summary>
    public void WaitForCeiling(long token) => _waitingForCeiling.Add(token);

    /// <summary>Requests whose wait is over, in the order in which they began to wait.</summary>
    public void TakeWoken(List<long> woken)
    {
        woken.AddRange(_woken);
        _woken.Clear();
    }

    private TxnId? Setter(Guard guard, HlcTimestamp stamp) =>
        Proposals.SetterOf(guard, stamp) ?? Holder(guard, sets: true, stamp);

    private TxnId? Holder(Guard guard, bool sets, HlcTimestamp stamp)
    {
        foreach (Register holder in _machine.Fences.HoldersOf(guard, sets))
        {
            if (holder.Stamp < stamp)
            {
                return holder.Id;
            }
        }

        return null;
    }

    private TxnId? BlockerOnKeys(TransactionShare share, HlcTimestamp stamp)
    {
        foreach (KeyWrite write in share.Writes)
        {
            if (BlockerOn(write.Key, stamp) is { } blocker)
            {
                return blocker;
            }
        }

        foreach (KeyRead read in share.Reads)
        {
            if (BlockerOn(read.Key, stamp) is { } blocker)
            {
                return blocker;
            }
        }

        foreach (KeyRange range in share.Ranges)
        {
            foreach ((byte[] key, _) in Proposals.In(range))
            {
                if (BlockerOn(key, stamp) is { } blocker)
                {
                    return blocker;
                }
            }

            foreach ((_, Register writer) in _machine.Fences.WritersIn(range))
            {
                if (writer.Stamp < stamp)
                {
                    return writer.Id;
                }
            }
        }

        return null;
    }

    private TxnId? BlockerOn(byte[] key, HlcTimestamp stamp)
    {
        if (!_pendingCross.MayContain(key))
        {
            return null;
        }

        foreach (ProposedWrite write in Proposals.Of(key))
        {
            if (write.IsPrepare && write.Stamp < stamp)
            {
                return write.Id;
            }
        }

        return _machine.Fences.WriterOf(key) is { } writer && writer.Stamp < stamp ? writer.Id : null;
    }

    // A leader that took over has fences in the machine that it never queued: they enter the filter when it begins.
    private void FilterUndecided()
    {
        foreach (Register register in _machine.Registers.Undecided)
        {
            Filter(register.Id, register.Share!);
        }
    }

    private void Filter(TxnId id, TransactionShare share)
    {
        if (_filtered.TryAdd(id, share))
        {
            share.Writes.ForEach(write => _pendingCross.Add(write.Key));
        }
    }

    private void Unfilter(TxnId id)
    {
        if (_filtered.Remove(id, out TransactionShare? share))
        {
            share.Writes.ForEach(write => _pendingCross.Remove(write.Key));
        }
    }

    private void Wake(TxnId id)
    {
        if (_waiting.Remove(id, out List<long>? tokens))
        {
            _woken.AddRange(tokens);
            LocalQueueLength -= tokens.Count;
        }
    }

    private void WakeCeiling()
    {
        _woken.AddRange(_waitingForCeiling);
        _waitingForCeiling.Clear();
    }

    private readonly record struct Held(long Token, long ReleaseUs);

    private sealed class HeldOrder : IComparer<(HlcTimestamp Stamp, TxnId Id)>
    {
        public static HeldOrder Instance { get; } = new();

        public int Compare((HlcTimestamp Stamp, TxnId Id) x, (HlcTimestamp Stamp, TxnId Id) y)
        {
            int byStamp = x.Stamp.CompareTo(y.Stamp);
            return byStamp != 0 ? byStamp : x.Id.CompareTo(y.Id);
        }
    }
}
