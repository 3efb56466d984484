using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Execution;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Storage.Client;
using ShardSql.Transactions;

namespace ShardSql.Tests.Gateway;

/// <summary>One shard of <see cref="FakeShardCluster"/>; its owner holds the lock.</summary>
internal sealed class FakeShard(ShardId id)
{
    private readonly SortedDictionary<byte[], List<(HlcTimestamp Stamp, byte[]? Value)>> _versions =
        new(ByteKeyComparer.Instance);

    private readonly Dictionary<(GuardKind Kind, uint Id), ulong> _guards = [];
    private readonly Dictionary<TxnId, Vote> _votes = [];
    private readonly Dictionary<TxnId, PrepareRequest> _undecided = [];
    private readonly Dictionary<TxnId, OneReply> _ones = [];
    private readonly Dictionary<(UInt128 Session, ulong Sequence), HlcTimestamp> _committed = [];
    private readonly HashSet<(UInt128 Session, ulong Sequence)> _refused = [];
    private readonly Dictionary<ulong, FakeCursor> _cursors = [];
    private ulong _nextCursor = 1;

    public int OpenCursors => _cursors.Count;

    public long Commits { get; private set; }

    public int CountRows(KeyRange range)
    {
        int rows = 0;
        foreach (KeyValuePair<byte[], List<(HlcTimestamp Stamp, byte[]? Value)>> key in _versions)
        {
            rows += range.Contains(key.Key) && key.Value[^1].Value is not null ? 1 : 0;
        }

        return rows;
    }

    /// <summary>Serves a fragment; <paramref name="newest"/> is the snapshot of one that leaves it to the
    /// shard.</summary>
    public FragmentReply Run(FragmentRequest request, HlcTimestamp newest)
    {
        HlcTimestamp begin = request.AtNewest ? newest : request.Begin;
        if (CheckGuards(request.Guards) is { } stale)
        {
            return new FragmentReply { Status = stale };
        }

        if (MeetsUndecided(begin))
        {
            return new FragmentReply { Status = ReplyStatus.Retry };
        }

        var cursor = new FakeCursor(this, request, begin);
        return Step(cursor, 0);
    }

    public FragmentReply Continue(ulong cursor) => _cursors.TryGetValue(cursor, out FakeCursor? open)
        ? Step(open, cursor)
        : new FragmentReply { Status = ReplyStatus.NoCursor };

    public void Close(ulong cursor) => _cursors.Remove(cursor);

    public void DropCursors() => _cursors.Clear();

    public OneReply One(OneRequest request, Func<HlcTimestamp> draw)
    {
        if (_ones.TryGetValue(request.Id, out OneReply? earlier))
        {
            return earlier;
        }

        OneReply reply = Evaluate(request, draw);
        if (reply.Status == ReplyStatus.Ok)
        {
            _ones.Add(request.Id, reply);
        }

        return reply;
    }

    public Vote Prepare(PrepareRequest request)
    {
        if (_votes.TryGetValue(request.Id, out Vote? vote))
        {
            return vote;
        }

        vote = Validate(request.Share, request.Stamp, request.Id);
        _votes.Add(request.Id, vote);
        if (vote.Ok)
        {
            _undecided.Add(request.Id, request);
        }

        return vote;
    }

    public Vote Query(QueryRequest request)
    {
        if (!_votes.TryGetValue(request.Id, out Vote? vote))
        {
            vote = No(RefusalReason.Refused);
            _votes.Add(request.Id, vote);
        }

        return vote;
    }

    public void Decide(DecideNotice notice)
    {
        if (_undecided.Remove(notice.Id, out PrepareRequest? prepared)
            && Vote.Decide(notice.Stamp, notice.Votes).Commit)
        {
            Install(prepared.Share, prepared.Stamp, prepared.Id);
        }
    }

    public AttemptReport Ask(UInt128 session, ulong sequence, bool refuse)
    {
        if (refuse)
        {
            _refused.Add((session, sequence));
        }

        var undecided = new List<QueryRequest>();
        foreach (PrepareRequest prepared in _undecided.Values)
        {
            if (prepared.Id.Session == session && prepared.Id.Sequence == sequence)
            {
                undecided.Add(new QueryRequest(prepared.Id, prepared.Stamp, prepared.Participants));
            }
        }

        bool committed = _committed.TryGetValue((session, sequence), out HlcTimestamp stamp);
        return new AttemptReport(committed, stamp, undecided, Forgotten: false);
    }

    public List<PreparedTransaction> InDoubt()
    {
        var prepared = new List<PreparedTransaction>();
        foreach (PrepareRequest one in _undecided.Values)
        {
            prepared.Add(new PreparedTransaction(
                new QueryRequest(one.Id, one.Stamp, one.Participants),
                one.Share.Reads.Count,
                one.Share.Ranges.Count,
                one.Share.Writes.Count,
                [.. one.Participants.Where(shard => shard != id)]));
        }

        return prepared;
    }

    public (HlcTimestamp Stamp, byte[]? Value) Read(byte[] key, HlcTimestamp begin)
    {
        if (_versions.TryGetValue(key, out List<(HlcTimestamp Stamp, byte[]? Value)>? versions))
        {
            for (int i = versions.Count - 1; i >= 0; i--)
            {
                if (versions[i].Stamp <= begin)
                {
                    return versions[i];
                }
            }
        }

        return (HlcTimestamp.Zero, null);
    }

    public IEnumerable<byte[]> KeysIn(KeyRange range)
    {
        foreach (byte[] key in _versions.Keys)
        {
            if (range.Contains(key))
            {
                yield return key;
            }
        }
    }

    private FragmentReply Step(FakeCursor cursor, ulong number)
    {
        _cursors.Remove(number);
        try
        {
            return cursor.Step(() =>
            {
                _cursors.Add(_nextCursor, cursor);
                return _nextCursor++;
            });
        }
        catch (SqlException failure)
        {
            return cursor.Fail(ToFailure(failure));
        }
    }

    private static StatementFailure ToFailure(SqlException failure) => new(
        failure.SqlState,
        failure.Message,
        failure.Detail,
        failure.Hint,
        failure.Constraint,
        failure.Table,
        failure.ColumnName);

    private OneReply Evaluate(OneRequest request, Func<HlcTimestamp> draw)
    {
        HlcTimestamp stamp = draw();
        if (request.Share is { } share)
        {
            Vote vote = Validate(share, stamp, request.Id);
            if (vote.Ok)
            {
                Install(share, stamp, request.Id);
            }

            return new OneReply { Vote = vote, Stamp = stamp };
        }

        if (_refused.Contains((request.Id.Session, request.Id.Sequence)))
        {
            return new OneReply { Vote = No(RefusalReason.Refused) };
        }

        FragmentReply run = Run(new FragmentRequest
        {
            Begin = stamp,
            Fragment = request.Fragment!,
            Parameters = request.Parameters,
            Guards = request.Guards,
            BatchBytes = int.MaxValue,
        }, stamp);
        if (run.Status != ReplyStatus.Ok)
        {
            return new OneReply
            {
                Status = run.Status,
                Failure = run.Failure,
                Rows = run.Rows,
                RowCount = run.RowCount,
                Statements = run.Statements,
            };
        }

        var written = new TransactionShare { Begin = stamp };
        written.Writes.AddRange(run.Writes);
        Install(written, stamp, request.Id);
        return new OneReply
        {
            Vote = new Vote(id, true, HlcTimestamp.Zero, HlcTimestamp.Infinity),
            Stamp = stamp,
            Rows = run.Rows,
            RowCount = run.RowCount,
            RowsAffected = run.RowsAffected,
            Statements = run.Statements,
        };
    }

    private Vote Validate(TransactionShare share, HlcTimestamp stamp, TxnId txn)
    {
        if (_refused.Contains((txn.Session, txn.Sequence)))
        {
            return No(RefusalReason.Refused);
        }

        if (CheckGuards(share.Guards) is { } stale)
        {
            return No(stale == ReplyStatus.StaleSchema ? RefusalReason.StaleSchema : RefusalReason.StaleEpoch);
        }

        foreach (KeyRead read in share.Reads)
        {
            if (Read(read.Key, HlcTimestamp.Infinity).Stamp != read.Cstamp)
            {
                return No(RefusalReason.Window, read.Key);
            }
        }

        foreach (KeyRange range in share.Ranges)
        {
            foreach (byte[] key in KeysIn(range))
            {
                if (Read(key, HlcTimestamp.Infinity).Stamp > share.Begin)
                {
                    return No(RefusalReason.Window, key);
                }
            }
        }

        foreach (KeyWrite write in share.Writes)
        {
            if (Read(write.Key, HlcTimestamp.Infinity).Stamp >= stamp)
            {
                return No(RefusalReason.Late, write.Key);
            }
        }

        return MeetsFence(share)
            ? No(RefusalReason.Busy)
            : new Vote(id, true, HlcTimestamp.Zero, HlcTimestamp.Infinity);
    }

    private bool MeetsFence(TransactionShare share)
    {
        foreach (PrepareRequest other in _undecided.Values)
        {
            if (Touch(share, other.Share) || Touch(other.Share, share))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Touch(TransactionShare writer, TransactionShare other)
    {
        foreach (KeyWrite write in writer.Writes)
        {
            if (other.Reads.Exists(read => ByteKeyComparer.Instance.Equals(read.Key, write.Key))
                || other.Writes.Exists(one => ByteKeyComparer.Instance.Equals(one.Key, write.Key))
                || other.Ranges.Exists(range => range.Contains(write.Key)))
            {
                return true;
            }
        }

        return false;
    }

    private bool MeetsUndecided(HlcTimestamp begin)
    {
        foreach (PrepareRequest undecided in _undecided.Values)
        {
            if (undecided.Stamp <= begin)
            {
                return true;
            }
        }

        return false;
    }

    private ReplyStatus? CheckGuards(IEnumerable<Guard> guards)
    {
        foreach (Guard guard in guards)
        {
            if (_guards.GetValueOrDefault((guard.Kind, guard.Id)) != guard.Version)
            {
                return guard.Kind == GuardKind.Table ? ReplyStatus.StaleSchema : ReplyStatus.StaleEpoch;
            }
        }

        return null;
    }

    private void Install(TransactionShare share, HlcTimestamp stamp, TxnId txn)
    {
        foreach (KeyWrite write in share.Writes)
        {
            if (!_versions.TryGetValue(write.Key, out List<(HlcTimestamp Stamp, byte[]? Value)>? versions))
            {
                versions = [];
                _versions.Add(write.Key, versions);
            }

            versions.Add((stamp, write.Value));
        }

        foreach (Guard guard in share.NewGuards)
        {
            _guards[(guard.Kind, guard.Id)] = guard.Version;
        }

        _committed[(txn.Session, txn.Sequence)] = stamp;
        Commits++;
    }

    private Vote No(RefusalReason reason, byte[]? key = null) =>
        new(id, false, HlcTimestamp.Zero, HlcTimestamp.Infinity, reason, key);
}
