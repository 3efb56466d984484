using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Transactions.Moves;

namespace ShardSql.Transactions;

/// <summary>A settled row on its way to the base store: the newest version at or below the horizon.</summary>
public sealed record SettledRow(byte[] Key, byte[]? Value, HlcTimestamp Cstamp);

/// <summary>
/// Versions newer than the horizon, in key order, with their stamps; and settled rows that the base store has not got
/// yet. A key's versions leave at a HORIZON entry, on all replicas alike; its settled row leaves when this replica's
/// base store holds it, which validation cannot tell (architecture.md §4).
/// </summary>
public sealed class VersionStore
{
    private readonly OrderedMap<KeyState> _states = new();
    private readonly OrderedMap<SettledRow> _settled = new();
    private readonly PriorityQueue<byte[], HlcTimestamp> _byAge = new();
    private readonly Dictionary<byte[], KeyState?> _changed = new(ByteKeyComparer.Instance);

    // How many keys a state says that it holds.
    private int _expected;

    /// <summary>Keys with retained versions.</summary>
    public int KeyCount => _states.Count;

    /// <summary>Settled rows that a flush would take.</summary>
    public int SettledCount => _settled.Count;

    /// <summary>Rises when a row leaves memory for the base store: a base read begun before that is read again.</summary>
    public long Generation { get; private set; }

    /// <summary>A key's retained versions, or null.</summary>
    public KeyState? Find(byte[] key) => _states.TryGet(key, out KeyState? state) ? state : null;

    /// <summary>A settled row that only memory holds.</summary>
    public SettledRow? FindSettled(byte[] key) => _settled.TryGet(key, out SettledRow? row) ? row : null;

    /// <summary>Keys with retained versions in a range.</summary>
    public IEnumerable<KeyValuePair<byte[], KeyState>> Range(KeyRange range) => _states.Range(range);

    /// <summary>Settled rows in a range.</summary>
    public IEnumerable<KeyValuePair<byte[], SettledRow>> SettledRange(KeyRange range) => _settled.Range(range);

    /// <summary>Puts a version on top of a key's versions.</summary>
    /// <param name="key">The key.</param>
    /// <param name="version">The version; its cstamp is above the newest's.</param>
    /// <param name="basePstamp">pstamp of the version in the base store, when the key has no retained one.</param>
    /// <returns>The version that it overwrites.</returns>
    public KeyVersion Install(byte[] key, KeyVersion version, HlcTimestamp basePstamp)
    {
        if (!_states.TryGet(key, out KeyState? state))
        {
            state = new KeyState(key, new KeyVersion { InBase = true, Pstamp = basePstamp });
            _states.Set(key, state);
        }

        KeyVersion overwritten = state.Newest;
        Invariant.Check(version.Cstamp > overwritten.Cstamp, "Versions of a key are ordered by cstamp.");
        state.Push(version);
        Changed(state);
        _byAge.Enqueue(key, version.Cstamp);
        return overwritten;
    }

    /// <summary>A key's versions, or stamps of them, are not what they were.</summary>
    public void Changed(KeyState state)
    {
        if (!state.IsChanged)
        {
            state.IsChanged = true;
            state.IsStored |= _changed.ContainsKey(state.Key);
            _changed[state.Key] = state;
        }
    }

    /// <summary>
    /// Puts a copy in the place of all that is kept of its key; an empty one removes the key. What was settled where it
    /// comes from may be above the horizon here: then it is a version still.
    /// </summary>
    public void Replace(KeyCopy copy, HlcTimestamp horizon)
    {
        System.ArgumentNullException.ThrowIfNull(copy);
        if (Find(copy.Key) is { } replaced)
        {
            _states.Remove(copy.Key);
            Left(replaced);
        }

        bool isSettled = copy.SettledCstamp <= horizon;
        _settled.Set(copy.Key, isSettled
            ? new SettledRow(copy.Key, copy.SettledValue, copy.SettledCstamp)
            : new SettledRow(copy.Key, null, default));
        IReadOnlyList<KeyVersion> versions = isSettled ? copy.Versions : copy.WithSettledVersion();
        KeyVersion? newest = null;
        foreach (KeyVersion version in versions)
        {
            newest = version.Above(newest);
            if (!version.InBase)
            {
                _byAge.Enqueue(copy.Key, version.Cstamp);
            }
        }

        if (newest is null)
        {
            return;
        }

        var state = new KeyState(copy.Key, newest) { Quota = copy.Quota };
        _states.Set(copy.Key, state);
        Changed(state);
    }

    /// <summary>
    /// Settles what the horizon has passed. Of each key the newest version at or below the horizon is kept while it has
    /// a successor; without one it becomes a settled row, and its pstamp goes to the buckets. Beside a quota the pstamp stays.
    /// </summary>
    public void Settle(HlcTimestamp horizon, StampBuckets buckets)
    {
        var gone = new List<byte[]>();
        var settled = new List<KeyValuePair<byte[], SettledRow>>();
        foreach (byte[] key in TakeUpTo(horizon))
        {
            if (!_states.TryGet(key, out KeyState? state))
            {
                continue;
            }

            // A copy may have put a younger state in the place of the one that this entry was about; and beside a quota the
            // key stays, once all of it is settled.
            KeyVersion visible = state.AsOf(horizon);
            bool isNewest = ReferenceEquals(visible, state.Newest);
            if (visible.InBase ? isNewest : visible.Cstamp > horizon)
            {
                continue;
            }

            if (isNewest)
            {
                settled.Add(new(key, new SettledRow(key, visible.Value, visible.Cstamp)));
                if (state.Quota is not null)
                {
                    state.Reset(new KeyVersion { InBase = true, Pstamp = visible.Pstamp });
                    Changed(state);
                    continue;
                }

                buckets.Raise(key, visible.Pstamp);
                Left(state);
                gone.Add(key);
            }
            else
            {
                visible.Older = null;
                Changed(state);
            }
        }

        _states.RemoveAscending(gone);
        _settled.SetAscending(settled);
    }

    /// <summary>The settled rows, in key order: what a flush writes.</summary>
    public List<SettledRow> TakeSettled()
    {
        var rows = new List<SettledRow>(_settled.Count);
        foreach ((_, SettledRow row) in _settled.Range(KeyRange.All))
        {
            rows.Add(row);
        }

        return rows;
    }

    /// <summary>The base store holds these rows, in key order, durably; those not settled anew since leave memory.</summary>
    public void Flushed(IReadOnlyList<SettledRow> rows)
    {
        Generation++;
        var gone = new List<byte[]>(rows.Count);
        foreach (SettledRow row in rows)
        {
            if (_settled.TryGet(row.Key, out SettledRow? current) && ReferenceEquals(current, row))
            {
                gone.Add(row.Key);
            }
        }

        _settled.RemoveAscending(gone);
    }

    /// <summary>Keys whose versions have changed since this was last asked, in key order, with what is retained of them now;
    /// null: nothing.</summary>
    public List<KeyValuePair<byte[], KeyState?>> TakeChanged()
    {
        var changed = new List<KeyValuePair<byte[], KeyState?>>(_changed);
        _changed.Clear();
        changed.Sort(static (left, right) => ByteKeyComparer.Instance.Compare(left.Key, right.Key));
        foreach ((_, KeyState? state) in changed)
        {
            state?.IsChanged = false;
            state?.IsStored = true;
        }

        return changed;
    }

    /// <summary>Writes how many keys have versions; the keys are written beside it.</summary>
    public void WriteHead(ByteWriter writer) => writer.WriteVarint((ulong)_states.Count);

    /// <summary>Writes all keys with their versions.</summary>
    public void WriteKeys(ByteWriter writer)
    {
        foreach ((_, KeyState state) in _states.Range(KeyRange.All))
        {
            state.Write(writer);
        }
    }

    /// <summary>Reads how many keys there are to read.</summary>
    public static VersionStore ReadHead(ref ByteReader reader) => new() { _expected = (int)reader.ReadVarint32() };

    /// <summary>Reads the keys. What was read counts as stored.</summary>
    public void ReadKeys(ref ByteReader reader)
    {
        for (int i = _expected; i > 0 && !reader.Failed; i--)
        {
            KeyState state = KeyState.Read(ref reader);
            state.IsStored = true;
            foreach (KeyVersion version in state.Versions)
            {
                if (!version.InBase)
                {
                    _byAge.Enqueue(state.Key, version.Cstamp);
                }
            }

            _states.Set(state.Key, state);
        }
    }

    // What was never stored need not be deleted: where nothing is ever flushed, nothing is kept of it.
    private void Left(KeyState state)
    {
        if (state.IsStored)
        {
            _changed[state.Key] = null;
        }
        else
        {
            _changed.Remove(state.Key);
        }
    }

    // The keys of versions that a horizon passes, each once, in key order: the maps are walked through, not searched.
    private List<byte[]> TakeUpTo(HlcTimestamp horizon)
    {
        var keys = new List<byte[]>();
        while (_byAge.TryPeek(out byte[]? key, out HlcTimestamp stamp) && stamp <= horizon)
        {
            _byAge.Dequeue();
            keys.Add(key);
        }

        keys.Sort(ByteKeyComparer.Instance);
        int kept = 0;
        for (int i = 0; i < keys.Count; i++)
        {
            if (kept == 0 || !ByteKeyComparer.Instance.Equals(keys[kept - 1], keys[i]))
            {
                keys[kept++] = keys[i];
            }
        }

        keys.RemoveRange(kept, keys.Count - kept);
        return keys;
    }
}
