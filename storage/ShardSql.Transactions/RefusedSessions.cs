using System;
using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Transactions;

/// <summary>
/// Client transactions of which no further attempt may commit here, oldest first. Each is remembered for the outcome
/// window, counted in closed stamps; when there are too many the oldest goes first.
/// </summary>
public sealed class RefusedSessions
{
    /// <summary>Transactions remembered at most.</summary>
    public const int KeptMax = 10_000;

    private readonly SortedSet<(UInt128 Session, ulong Sequence)> _refused = [];
    private Queue<((UInt128 Session, ulong Sequence) Key, HlcTimestamp Since)> _byAge = new();

    /// <summary>Whether no further attempt may commit.</summary>
    public bool Contains(TxnId id) => _refused.Contains((id.Session, id.Sequence));

    /// <summary>Refuses what comes from now on.</summary>
    public void Add(UInt128 session, ulong sequence, HlcTimestamp closed)
    {
        if (_refused.Add((session, sequence)))
        {
            _byAge.Enqueue(((session, sequence), closed));
        }
    }

    /// <summary>Forgets what is older than the window.</summary>
    public void Forget(HlcTimestamp closed)
    {
        while (_byAge.TryPeek(out ((UInt128, ulong) Key, HlcTimestamp Since) oldest))
        {
            // Refused before the shard had closed anything: its time begins now.
            if (oldest.Since == HlcTimestamp.Zero)
            {
                Date(closed);
            }
            else if (oldest.Since.PhysicalMs + RegisterTable.OutcomeWindowMs < closed.PhysicalMs || _byAge.Count > KeptMax)
            {
                _refused.Remove(oldest.Key);
                _byAge.Dequeue();
            }
            else
            {
                return;
            }
        }
    }

    /// <summary>Writes all, oldest first.</summary>
    public void Write(ByteWriter writer)
    {
        writer.WriteVarint((ulong)_byAge.Count);
        foreach (((UInt128 session, ulong sequence), HlcTimestamp since) in _byAge)
        {
            writer.WriteTxnId(new TxnId(session, sequence, 0));
            writer.WriteStamp(since);
        }
    }

    /// <summary>Reads all.</summary>
    public static RefusedSessions Read(ref ByteReader reader)
    {
        var refused = new RefusedSessions();
        for (int i = reader.ReadCount(18 + HlcTimestamp.EncodedLength); i > 0; i--)
        {
            TxnId id = reader.ReadTxnId();
            refused.Add(id.Session, id.Sequence, reader.ReadStamp());
        }

        return refused;
    }

    private void Date(HlcTimestamp closed)
    {
        // The smallest stamp that says "dated" also ends the caller's loop if nothing is closed yet.
        HlcTimestamp since = HlcTimestamp.Max(closed, new HlcTimestamp(0, 1));
        var dated = new Queue<((UInt128 Session, ulong Sequence) Key, HlcTimestamp Since)>(_byAge.Count);
        foreach (((UInt128, ulong) key, HlcTimestamp old) in _byAge)
        {
            dated.Enqueue((key, HlcTimestamp.Max(old, since)));
        }

        _byAge = dated;
    }
}
