using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

using ShardSql.Gateway.Commit;
using ShardSql.Planning.Catalogs;
using ShardSql.Primitives;
using ShardSql.Protocol.Messages;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Observing;

/// <summary>
/// The latest transactions that this gateway saw refused, those that were tried again by themselves too, and which
/// statements it committed lately, so that a conflict can name the other one's. Both are rings of fixed size.
/// </summary>
internal sealed class ConflictLog
{
    // Column, policy, winner and loser.
    private const int SettledColumns = 4;

    private readonly Lock _gate = new();
    private readonly Entry?[] _entries = new Entry?[GatewayLimits.MaxConflictsKept];
    private readonly Stripe[] _committed = new Stripe[GatewayLimits.CommitStripes];
    private readonly TimeProvider _time;
    private readonly Func<Catalog> _catalog;
    private long _count;

    public ConflictLog(TimeProvider time, Func<Catalog> catalog)
    {
        _time = time;
        _catalog = catalog;
        for (int i = 0; i < _committed.Length; i++)
        {
            _committed[i] = new Stripe();
        }
    }

    /// <summary>A commit was refused.</summary>
    public void Add(CommitOutcome outcome)
    {
        if (outcome.Verdict == CommitVerdict.Refused)
        {
            Add(CommitErrors.From(outcome, _catalog()), outcome.Id, outcome.No?.Other ?? default);
        }
    }

    /// <summary>A transaction cannot go on.</summary>
    public GatewayException Add(GatewayException refusal, TxnId mine, TxnId other = default)
    {
        if (refusal.Conflict is { } conflict)
        {
            Commit? theirs = FindCommitted(other, conflict.Pi);
            if (theirs is { } known && conflict.OtherTransactionId.Length == 0)
            {
                conflict.OtherTransactionId = known.Id.ToString();
            }

            lock (_gate)
            {
                _entries[_count++ % _entries.Length] =
                    new Entry(_time.GetUtcNow(), refusal.SqlState, conflict, mine, theirs?.Statement);
            }
        }

        return refusal;
    }

    /// <summary>A statement committed under an id, which others may meet.</summary>
    public void Committed(CommitOutcome outcome, StatementUse? statement)
    {
        if (statement is not null && outcome.Verdict == CommitVerdict.Committed)
        {
            Stripe stripe = _committed[(uint)outcome.Id.GetHashCode() % (uint)_committed.Length];
            stripe.Set(new Commit(outcome.Id, outcome.Stamp, statement));
        }
    }

    /// <summary>Rows of <c>shard.conflicts</c>, newest first.</summary>
    public IReadOnlyList<SqlValue[]> Rows()
    {
        var rows = new List<SqlValue[]>();
        lock (_gate)
        {
            long oldest = Math.Max(0, _count - _entries.Length);
            for (long i = _count - 1; i >= oldest; i--)
            {
                rows.Add(Row(_entries[i % _entries.Length]!));
            }
        }

        return rows;
    }

    private static SqlValue[] Row(Entry entry)
    {
        Conflict conflict = entry.Conflict;
        return
        [
            SqlValue.FromTimestampTz(entry.Time),
            SqlValue.FromText(entry.SqlState),
            SqlValue.FromText(conflict.Reason),
            TextOrNull(conflict.Shard == 0 ? "" : new ShardId(conflict.Shard).ToString()),
            TextOrNull(conflict.Table),
            TextOrNull(conflict.Key),
            SqlValue.FromText(entry.Mine.ToString()),
            TextOrNull(conflict.OtherTransactionId),
            TextOrNull(entry.Theirs?.Digest ?? ""),
            TextOrNull(StampText(conflict.Pi)),
            TextOrNull(StampText(conflict.Eta)),
            .. Enumerable.Repeat(SqlValue.NullOf(SqlKind.Text), SettledColumns),
        ];
    }

    private static string StampText(Stamp? stamp) =>
        stamp is null ? "" : new HlcTimestamp(stamp.Time, stamp.Source).ToString();

    private static SqlValue TextOrNull(string text) =>
        text.Length == 0 ? SqlValue.NullOf(SqlKind.Text) : SqlValue.FromText(text);

    /// <summary>The one that a vote names, or whose commit stamp is the bound that the refused one met: who overwrote
    /// what it read, as long as nothing else came between.</summary>
    private Commit? FindCommitted(TxnId other, Stamp? pi)
    {
        HlcTimestamp stamp = pi is null ? HlcTimestamp.Infinity : new HlcTimestamp(pi.Time, pi.Source);
        foreach (Stripe stripe in _committed)
        {
            if (stripe.Find(other, stamp) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private sealed record Entry(
        DateTimeOffset Time, string SqlState, Conflict Conflict, TxnId Mine, StatementUse? Theirs);

    private readonly record struct Commit(TxnId Id, HlcTimestamp Stamp, StatementUse Statement);

    /// <summary>The latest commits of some ids; an older one makes room.</summary>
    private sealed class Stripe
    {
        private readonly Lock _gate = new();
        private readonly Commit[] _slots = new Commit[GatewayLimits.CommitsPerStripe];
        private int _next;

        public void Set(Commit commit)
        {
            lock (_gate)
            {
                _slots[_next] = commit;
                _next = (_next + 1) % _slots.Length;
            }
        }

        public Commit? Find(TxnId id, HlcTimestamp stamp)
        {
            lock (_gate)
            {
                foreach (Commit slot in _slots)
                {
                    if (slot.Statement is not null && (slot.Id == id || slot.Stamp == stamp))
                    {
                        return slot;
                    }
                }

                return null;
            }
        }
    }
}
