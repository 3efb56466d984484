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
            state = new KeyState(key);
            state.Versions.Add(new KeyVersion { InBase = true, Pstamp = basePstamp });
            _states.Set(key, state);
        }

        KeyVersion overwritten = state.Newest;
        Invariant.Check(version.Cstamp > overwritten.Cstamp, "Versions of a key are ordered by cstamp.");
        state.Versions.Add(version);
        _byAge.Enqueue(key, version.Cstamp);
        return overwritten;
    }

    /// <summary>
    /// Puts a copy in the place of all that is kept of its key; an empty one removes the key. What was settled where it
    /// comes from may be above the horizon here: then it is a version still.
    /// </summary>
    public void Replace(KeyCopy copy, HlcTimestamp horizon)
    {
        System.ArgumentNullException.ThrowIfNull(copy);
        _states.Remove(copy.Key);
        bool isSettled = copy.SettledCstamp <= horizon;
        _settled.Set(copy.Key, isSettled
            ? new SettledRow(copy.Key, copy.SettledValue, copy.SettledCstamp)
            : new SettledRow(copy.Key, null, default));
        IReadOnlyList<KeyVersion> versions = isSettled ? copy.Versions : copy.WithSettledVersion();
        if (versions.Count == 0)
        {
            return;
        }

        var state = new KeyState(copy.Key);
        foreach (KeyVersion version in versions)
        {
            state.Versions.Add(version);
            if (!version.InBase)
            {
                _byAge.Enqueue(copy.Key, version.Cstamp);
            }
        }

        _states.Set(copy.Key, state);
    }

    /// <summary>
    /// Settles what the horizon has passed. Of each key the newest version at or below the horizon is kept while it has
    /// a successor; without one it becomes a settled row, and its pstamp goes to the buckets.
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

            // A copy may have put a younger state in the place of the one that this entry was about.
            KeyVersion visible = state.AsOf(horizon);
            if (!visible.InBase && visible.Cstamp > horizon)
            {
                continue;
            }

            if (ReferenceEquals(visible, state.Newest))
            {
                buckets.Raise(key, visible.Pstamp);
                gone.Add(key);
                settled.Add(new(key, new SettledRow(key, visible.Value, visible.Cstamp)));
            }
            else
            {
                state.Versions.RemoveRange(0, state.Versions.IndexOf(visible));
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

    /// <summary>Writes the retained versions.</summary>
    public void Write(ByteWriter writer)
    {
        writer.WriteVarint((ulong)_states.Count);
        foreach ((byte[] key, KeyState state) in _states.Range(KeyRange.All))
        {
            writer.WriteBytes(key);
            writer.WriteVarint((ulong)state.Versions.Count);
            foreach (KeyVersion version in state.Versions)
            {
                WriteVersion(writer, version);
            }
        }
    }

    /// <summary>Reads retained versions.</summary>
    public static VersionStore Read(ref ByteReader reader)
    {
        var store = new VersionStore();
        for (int i = reader.ReadCount(3); i > 0 && !reader.Failed; i--)
        {
            var state = new KeyState(reader.ReadBytes());
            for (int j = reader.ReadCount(60); j > 0; j--)
            {
                KeyVersion version = ReadVersion(ref reader);
                state.Versions.Add(version);
                if (!version.InBase)
                {
                    store._byAge.Enqueue(state.Key, version.Cstamp);
                }
            }

            store._states.Set(state.Key, state);
        }

        return store;
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

    private static void WriteVersion(ByteWriter writer, KeyVersion version)
    {
        writer.WriteBoolean(version.InBase);
        writer.WriteNullableBytes(version.Value);
        writer.WriteStamp(version.Cstamp);
        writer.WriteStamp(version.Pstamp);
        writer.WriteStamp(version.Sstamp);
        writer.WriteStamp(version.Scstamp);
        writer.WriteVarint(version.InstalledAt.Value);
        writer.WriteBoolean(version.ByOutcome);
    }

    private static KeyVersion ReadVersion(ref ByteReader reader) => new()
    {
        InBase = reader.ReadBoolean(),
        Value = reader.ReadNullableBytes(),
        Cstamp = reader.ReadStamp(),
        Pstamp = reader.ReadStamp(),
        Sstamp = reader.ReadStamp(),
        Scstamp = reader.ReadStamp(),
        InstalledAt = new Slot(reader.ReadVarint()),
        ByOutcome = reader.ReadBoolean(),
    };
}
