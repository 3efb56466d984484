using System;
using System.Collections.Generic;

using ShardSql.Execution;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Storage.Client;
using ShardSql.Storage.Messages;
using ShardSql.Transactions;

namespace ShardSql.Storage.Nodes;

/// <summary>Fragments at the leader: read at a snapshot, or evaluated on the newest state and proposed as a ONE.</summary>
public sealed partial class ShardReplica
{
    private readonly Dictionary<ulong, SnapshotTask> _cursors = [];
    private readonly Dictionary<TxnId, OneTask> _ones = [];
    private BaseRows _base;
    private ulong _nextCursor;

    internal void CloseCursor(ulong cursor)
    {
        if (_cursors.Remove(cursor, out SnapshotTask? task))
        {
            task.Close();
        }
    }

    private static StatementFailure FailureOf(SqlException exception) => new(
        exception.SqlState, exception.Message, exception.Detail, exception.Hint, exception.Constraint, exception.Table,
        exception.ColumnName);

    private void StartFragment(IPeerLink link, ulong correlation, FragmentRequest request)
    {
        if (IsOverloaded || _cursors.Count >= _node.Options.TasksMax)
        {
            SendReply(link, correlation, new FragmentReply { Status = ReplyStatus.Overloaded });
        }
        else if (HlcClock.IsTooFarAhead(request.Begin, _node.Now.WallMs))
        {
            SendReply(link, correlation, new FragmentReply { Status = ReplyStatus.TooFarAhead });
        }
        else
        {
            new SnapshotTask(this, link, correlation, request).Resume();
        }
    }

    private void ContinueCursor(IPeerLink link, ulong correlation, ulong cursor)
    {
        if (_cursors.Remove(cursor, out SnapshotTask? task))
        {
            task.Continue(link, correlation);
        }
        else
        {
            SendReply(link, correlation, new FragmentReply { Status = ReplyStatus.NoCursor });
        }
    }

    private void CloseIdleCursors(long nowMs)
    {
        if (_cursors.Count == 0)
        {
            return;
        }

        var idle = new List<ulong>();
        foreach ((ulong cursor, SnapshotTask task) in _cursors)
        {
            if (nowMs - task.ParkedAtMs > _node.Options.CursorIdleMs)
            {
                idle.Add(cursor);
            }
        }

        idle.ForEach(CloseCursor);
    }

    private void StartOne(IPeerLink link, ulong correlation, OneRequest request)
    {
        if (_machine.Registers.Find(request.Id) is { } register)
        {
            SendReply(link, correlation, OneResult.Of(register));
            return;
        }

        if (_ones.TryGetValue(request.Id, out OneTask? running))
        {
            running.Answer(link, correlation);
            return;
        }

        if (RefusalOf(request) is { } refusal)
        {
            SendReply(link, correlation, new OneReply { Status = refusal });
            return;
        }

        var task = new OneTask(this, link, correlation, request);
        _ones.Add(request.Id, task);
        task.Resume();
    }

    private ReplyStatus? RefusalOf(OneRequest request)
    {
        if (IsOverloaded)
        {
            return ReplyStatus.Overloaded;
        }

        if (_node.IsDiskFull)
        {
            return ReplyStatus.DiskFull;
        }

        return HlcClock.IsTooFarAhead(request.After, _node.Now.WallMs) ? ReplyStatus.TooFarAhead : null;
    }

    private void AnswerOne(OneCommand one, Vote vote)
    {
        if (_ones.TryGetValue(one.Id, out OneTask? task))
        {
            task.OnVote(one, vote);
        }
    }

    private void SendReply(IPeerLink link, ulong correlation, FragmentReply reply)
    {
        BeginResponse(correlation);
        FragmentCodec.Write(_reply, reply);
        link.Send(_reply.WrittenSpan);
    }

    private void SendReply(IPeerLink link, ulong correlation, OneReply reply)
    {
        BeginResponse(correlation);
        CommitCodec.Write(_reply, reply);
        link.Send(_reply.WrittenSpan);
    }

    // Of guards that are stale here one may be newer than what this shard knows: the plan was made after a change whose
    // outcome is on its way here.
    private HlcTimestamp HorizonOf(IReadOnlyList<Guard> guards)
    {
        HlcTimestamp horizon = HlcTimestamp.Zero;
        foreach (Guard guard in guards)
        {
            horizon = HlcTimestamp.Max(horizon, _machine.Guards.HorizonOf(guard));
        }

        return horizon;
    }

    private TxnId? SetterOf(IReadOnlyList<Guard> guards)
    {
        foreach (Guard guard in guards)
        {
            if (_machine.Fences.SetterOf(guard) is { } setter)
            {
                return setter;
            }
        }

        return null;
    }

    // Below the switch of a segment that has left, its former owner serves what it was.
    private ReplyStatus? StaleGuard(IReadOnlyList<Guard> guards, HlcTimestamp? begin = null)
    {
        foreach (Guard guard in guards)
        {
            if (_machine.Guards.VersionOf(guard) != guard.Version
                && !(begin is { } snapshot && _machine.Moves.Owned(guard, snapshot)))
            {
                return guard.Kind == GuardKind.Table ? ReplyStatus.StaleSchema : ReplyStatus.StaleEpoch;
            }
        }

        return null;
    }
}
