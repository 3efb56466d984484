using System;
using System.Collections.Generic;

using ShardSql.Execution;
using ShardSql.Primitives;
using ShardSql.Transactions;

namespace ShardSql.Storage.Nodes;

/// <summary>What a row look-up at the leader found.</summary>
/// <param name="IsKnown">False: the base store has to be asked.</param>
/// <param name="Value">The value; null: absent.</param>
/// <param name="Cstamp">The version's cstamp.</param>
/// <param name="Sstamp">π of its overwriter.</param>
/// <param name="IsOwn">The transaction's own buffered write: not a read of the database.</param>
internal readonly record struct RowSeen(
    bool IsKnown, byte[]? Value, HlcTimestamp Cstamp, HlcTimestamp Sstamp, bool IsOwn = false)
{
    /// <summary>The value as a fragment is given it: a row that shows when it was committed shows it now.</summary>
    public byte[]? Shown => Value is null || IsOwn ? Value : RowStamp.Shown(Value, Cstamp);
}

/// <summary>Which versions a fragment sees.</summary>
internal interface IRowView
{
    /// <summary>Whom reading a key must wait for, or null.</summary>
    TxnId? Gate(byte[] key);

    /// <summary>Whom reading a range must wait for, or null.</summary>
    TxnId? Gate(KeyRange range);

    /// <summary>Looks a key up in memory.</summary>
    RowSeen Look(byte[] key);

    /// <summary>What a key is to this view, given its row in the base store.</summary>
    RowSeen Look(byte[] key, BaseRow row);

    /// <summary>Keys in a range that memory knows something about, in order, none twice.</summary>
    IEnumerable<byte[]> KeysInMemory(KeyRange range);
}

/// <summary>How far feeding a fragment came.</summary>
internal enum FeedResult
{
    /// <summary>It has what it needed, or the next part has to be read: go on.</summary>
    GoOn,

    /// <summary>It must wait for <see cref="FragmentDriver.Blocker"/>.</summary>
    Blocked,

    /// <summary>The base store is asked; the callback comes.</summary>
    Fetching,
}

/// <summary>
/// Feeds a fragment from memory and base store and keeps its read set: each key, and each covered part of a range. What
/// was fetched before a flush is fetched again, because a flush moves rows from memory to the base store.
/// </summary>
internal sealed class FragmentDriver(FragmentRun run, IRowView view, BaseRows baseRows, Action resume)
{
    private readonly Dictionary<byte[], HlcTimestamp> _readKeys = new(ByteKeyComparer.Instance);
    private Dictionary<byte[], BaseRow>? _fetched;
    private IReadOnlyList<KeyValuePair<byte[], BaseRow>>? _scanned;
    private byte[]? _scannedEnd;
    private long _fetchedAt;
    private byte[]? _emptyUpTo;

    /// <summary>The fragment.</summary>
    public FragmentRun Run { get; } = run;

    /// <summary>Keys read since they were last taken.</summary>
    public List<KeyRead> Reads { get; } = [];

    /// <summary>Ranges read since they were last taken.</summary>
    public List<KeyRange> Ranges { get; } = [];

    /// <summary>Smallest sstamp of a version read.</summary>
    public HlcTimestamp PiHint { get; private set; } = HlcTimestamp.Infinity;

    /// <summary>Largest cstamp of a version read.</summary>
    public HlcTimestamp EtaHint { get; private set; }

    /// <summary>Whom the fragment waits for, when it is blocked.</summary>
    public TxnId Blocker { get; private set; }

    /// <summary>Answers NeedKeys.</summary>
    public FeedResult FeedKeys()
    {
        IReadOnlyList<byte[]> keys = Run.NeededKeys;
        ForgetStale();
        foreach (byte[] key in keys)
        {
            if (view.Gate(key) is { } blocker)
            {
                return Block(blocker);
            }
        }

        var seen = new RowSeen[keys.Count];
        List<byte[]>? missing = null;
        for (int i = 0; i < seen.Length; i++)
        {
            seen[i] = Look(keys[i]);
            if (!seen[i].IsKnown)
            {
                (missing ??= []).Add(keys[i]);
            }
        }

        if (missing is not null)
        {
            Fetch(missing);
            return FeedResult.Fetching;
        }

        _fetched = null;
        var values = new byte[]?[seen.Length];
        for (int i = 0; i < seen.Length; i++)
        {
            Note(seen[i]);
            if (!seen[i].IsOwn && _readKeys.TryAdd(keys[i], seen[i].Cstamp))
            {
                Reads.Add(new KeyRead(keys[i], seen[i].Cstamp));
            }

            values[i] = seen[i].Shown;
        }

        Run.SupplyKeys(values);
        return FeedResult.GoOn;
    }

    /// <summary>Answers NeedRange, or reads on when a part of the range held nothing visible.</summary>
    public FeedResult FeedRange()
    {
        KeyRange range = Run.NeededRange;
        ForgetStale();
        if (_emptyUpTo is not null)
        {
            range = range with { Start = _emptyUpTo };
        }

        if (view.Gate(range) is { } blocker)
        {
            return Block(blocker);
        }

        int limit = int.Min(int.Max(Run.NeededLimit, 1), FragmentRun.SliceRows);
        if (_scanned is null)
        {
            baseRows.Scan(range, limit, rows =>
            {
                _scanned = rows;
                _fetchedAt = baseRows.Flushes;
                _scannedEnd = rows.Count < limit ? range.End : KeyRange.Successor(rows[^1].Key);
                resume();
            });
            return FeedResult.Fetching;
        }

        bool reachesEnd = ReferenceEquals(_scannedEnd, range.End);
        Merge(range with { End = _scannedEnd }, limit, reachesEnd);
        return FeedResult.GoOn;
    }

    private FeedResult Block(TxnId blocker)
    {
        Blocker = blocker;
        return FeedResult.Blocked;
    }

    // Whoever resumes the fragment may have it wait first, for a switch of its segment or a change of its table.
    private void ForgetStale()
    {
        if (_fetchedAt != baseRows.Flushes)
        {
            _fetched = null;
            _scanned = null;
        }
    }

    private void Fetch(List<byte[]> missing) => baseRows.Fetch(missing, rows =>
    {
        _fetched = new Dictionary<byte[], BaseRow>(ByteKeyComparer.Instance);
        for (int i = 0; i < rows.Count; i++)
        {
            _fetched[missing[i]] = rows[i];
        }

        _fetchedAt = baseRows.Flushes;
        resume();
    });

    // Merges what memory knows with the rows of the base store, up to where these reach or enough is found.
    private void Merge(KeyRange part, int limit, bool reachesEnd)
    {
        IReadOnlyList<KeyValuePair<byte[], BaseRow>> stored = _scanned!;
        _scanned = null;
        var rows = new List<KeyValuePair<byte[], byte[]>>(limit);
        using IEnumerator<byte[]> memory = view.KeysInMemory(part).GetEnumerator();
        bool more = memory.MoveNext();
        int next = 0;
        while ((more || next < stored.Count) && rows.Count < limit)
        {
            int order = !more ? 1
                : next == stored.Count ? -1
                : ByteKeyComparer.Instance.Compare(memory.Current, stored[next].Key);
            byte[] key = order <= 0 ? memory.Current : stored[next].Key;
            RowSeen seen = view.Look(key, order >= 0 ? stored[next].Value : BaseRow.Absent);
            Note(seen);
            if (seen.Shown is { } shown)
            {
                rows.Add(new(key, shown));
            }

            more = order <= 0 ? memory.MoveNext() : more;
            next += order >= 0 ? 1 : 0;
        }

        bool covered = !more && next == stored.Count;
        KeyRange read = covered ? part : part with { End = KeyRange.Successor(rows[^1].Key) };
        Ranges.Add(read);
        bool exhausted = covered && reachesEnd;
        _emptyUpTo = rows.Count == 0 && !exhausted ? read.End : null;
        if (_emptyUpTo is null)
        {
            Run.SupplyRange(rows, exhausted);
        }
    }

    private RowSeen Look(byte[] key)
    {
        RowSeen seen = view.Look(key);
        if (!seen.IsKnown
            && ((_fetched is not null && _fetched.TryGetValue(key, out BaseRow row)) || baseRows.TryGet(key, out row)))
        {
            seen = view.Look(key, row);
        }

        return seen;
    }

    private void Note(RowSeen seen)
    {
        if (!seen.IsOwn)
        {
            PiHint = HlcTimestamp.Min(PiHint, seen.Sstamp);
            EtaHint = HlcTimestamp.Max(EtaHint, seen.Cstamp);
        }
    }
}
