using System;
using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Transactions;

namespace ShardSql.Storage.Nodes;

/// <summary>A snapshot: the newest versions at or below begin, under the transaction's own buffered writes.</summary>
internal sealed class SnapshotView : IRowView
{
    private readonly ShardMachine _machine;
    private readonly ShardLeader _leader;
    private readonly HlcTimestamp _begin;
    private readonly SortedDictionary<byte[], byte[]?>? _own;
    private readonly IReadOnlyList<KeyWrite> _writes;

    public SnapshotView(
        ShardMachine machine, ShardLeader leader, HlcTimestamp begin, IReadOnlyList<KeyWrite> overlay)
    {
        _machine = machine;
        _leader = leader;
        _begin = begin;
        _writes = overlay;
        if (overlay.Count > 0)
        {
            _own = new SortedDictionary<byte[], byte[]?>(ByteKeyComparer.Instance);
            foreach (KeyWrite write in overlay)
            {
                _own[write.Key] = write.Value;
            }
        }
    }

    /// <summary>What can be taken from the quota of a key now, with what the transaction itself has done to it.</summary>
    public Int128? FreeAt(byte[] key)
    {
        Int128? free = _machine.FreeAt(key);
        foreach (KeyWrite write in _writes)
        {
            if (write.Quota is { } change && ByteKeyComparer.Instance.Equals(change.Key, key))
            {
                free = (free ?? 0) + change.Amount;
            }
        }

        return free;
    }

    public TxnId? Gate(byte[] key) =>
        _own is not null && _own.ContainsKey(key) ? null : _leader.GateRead(key, _begin);

    public TxnId? Gate(KeyRange range) => _leader.GateRead(range, _begin);

    public RowSeen Look(byte[] key)
    {
        if (_own is not null && _own.TryGetValue(key, out byte[]? own))
        {
            return new RowSeen(true, own, default, HlcTimestamp.Infinity, IsOwn: true);
        }

        KeyVersion? version = _machine.Versions.Find(key)?.AsOf(_begin);
        if (version is { InBase: false })
        {
            return new RowSeen(true, version.Value, version.Cstamp, version.Sstamp);
        }

        HlcTimestamp sstamp = version?.Sstamp ?? HlcTimestamp.Infinity;
        return _machine.Versions.FindSettled(key) is { } settled
            ? new RowSeen(true, settled.Value, settled.Value is null ? default : settled.Cstamp, sstamp)
            : new RowSeen(false, null, default, sstamp);
    }

    public RowSeen Look(byte[] key, BaseRow row)
    {
        RowSeen seen = Look(key);
        return seen.IsKnown ? seen : new RowSeen(true, row.Value, row.Cstamp, seen.Sstamp);
    }

    public IEnumerable<byte[]> KeysInMemory(KeyRange range) => SortedKeys.Merge(
        SortedKeys.Of(_machine.Versions.Range(range)),
        SortedKeys.Of(_machine.Versions.SettledRange(range)),
        SortedKeys.In(_own, range));
}

/// <summary>The newest state with everything laid over it that this leader has proposed as ONE (commit.md §4).</summary>
internal sealed class NewestView(ShardMachine machine, ShardLeader leader) : IRowView
{
    /// <summary>The last proposal that was read through: its fate decides over what was computed from it.</summary>
    public TxnId? ReadThrough { get; private set; }

    public TxnId? Gate(byte[] key) => leader.GateEvaluation(key);

    public TxnId? Gate(KeyRange range) => leader.GateEvaluation(range);

    public RowSeen Look(byte[] key)
    {
        if (leader.Proposals.NewestOne(key) is { } proposed)
        {
            ReadThrough = proposed.Id;
            return new RowSeen(true, proposed.Value, proposed.Stamp, HlcTimestamp.Infinity);
        }

        if (machine.Versions.Find(key)?.Newest is { InBase: false } version)
        {
            return new RowSeen(true, version.Value, version.Cstamp, HlcTimestamp.Infinity);
        }

        return machine.Versions.FindSettled(key) is { } settled
            ? new RowSeen(true, settled.Value, settled.Value is null ? default : settled.Cstamp, HlcTimestamp.Infinity)
            : new RowSeen(false, null, default, HlcTimestamp.Infinity);
    }

    public RowSeen Look(byte[] key, BaseRow row)
    {
        RowSeen seen = Look(key);
        return seen.IsKnown ? seen : new RowSeen(true, row.Value, row.Cstamp, HlcTimestamp.Infinity);
    }

    public IEnumerable<byte[]> KeysInMemory(KeyRange range) => SortedKeys.Merge(
        SortedKeys.Of(machine.Versions.Range(range)),
        SortedKeys.Of(machine.Versions.SettledRange(range)),
        SortedKeys.Of(leader.Proposals.In(range)));

    /// <summary>Whether what was read is still the newest, given what has been proposed or applied since.</summary>
    /// <param name="reads">Keys read.</param>
    /// <param name="ranges">Ranges read.</param>
    /// <param name="basis">The slot applied when the evaluation began.</param>
    /// <param name="since">The highest stamp drawn or seen then.</param>
    public bool IsCurrent(IReadOnlyList<KeyRead> reads, IReadOnlyList<KeyRange> ranges, Slot basis, HlcTimestamp since)
    {
        foreach (KeyRead read in reads)
        {
            RowSeen seen = Look(read.Key);
            if (leader.GateEvaluation(read.Key) is not null || (seen.IsKnown && seen.Cstamp != read.Cstamp))
            {
                return false;
            }
        }

        foreach (KeyRange range in ranges)
        {
            if (leader.GateEvaluation(range) is not null || HasNews(range, basis, since))
            {
                return false;
            }
        }

        return true;
    }

    private bool HasNews(KeyRange range, Slot basis, HlcTimestamp since)
    {
        foreach ((_, List<ProposedWrite> writes) in leader.Proposals.In(range))
        {
            if (writes[^1].Stamp > since)
            {
                return true;
            }
        }

        foreach ((_, KeyState state) in machine.Versions.Range(range))
        {
            if (state.Newest.InstalledAt > basis && (state.Newest.ByOutcome || state.Newest.Cstamp > since))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>Several ordered runs of keys as one.</summary>
internal static class SortedKeys
{
    public static IEnumerable<byte[]> Of<T>(IEnumerable<KeyValuePair<byte[], T>> entries)
    {
        foreach ((byte[] key, _) in entries)
        {
            yield return key;
        }
    }

    public static IEnumerable<byte[]> In(SortedDictionary<byte[], byte[]?>? own, KeyRange range)
    {
        if (own is not null)
        {
            foreach (byte[] key in own.Keys)
            {
                if (range.Contains(key))
                {
                    yield return key;
                }
            }
        }
    }

    public static IEnumerable<byte[]> Merge(params IEnumerable<byte[]>[] runs)
    {
        var heads = new List<IEnumerator<byte[]>>(runs.Length);
        try
        {
            foreach (IEnumerable<byte[]> run in runs)
            {
                IEnumerator<byte[]> head = run.GetEnumerator();
                if (head.MoveNext())
                {
                    heads.Add(head);
                }
                else
                {
                    head.Dispose();
                }
            }

            while (heads.Count > 0)
            {
                byte[] least = Least(heads);
                yield return least;
                Advance(heads, least);
            }
        }
        finally
        {
            heads.ForEach(head => head.Dispose());
        }
    }

    private static byte[] Least(List<IEnumerator<byte[]>> heads)
    {
        byte[] least = heads[0].Current;
        for (int i = 1; i < heads.Count; i++)
        {
            if (ByteKeyComparer.Instance.Compare(heads[i].Current, least) < 0)
            {
                least = heads[i].Current;
            }
        }

        return least;
    }

    private static void Advance(List<IEnumerator<byte[]>> heads, byte[] past)
    {
        for (int i = heads.Count - 1; i >= 0; i--)
        {
            if (ByteKeyComparer.Instance.Equals(heads[i].Current, past) && !heads[i].MoveNext())
            {
                heads[i].Dispose();
                heads.RemoveAt(i);
            }
        }
    }
}
