using System;
using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Storage.Client;
using ShardSql.Storage.Messages;
using ShardSql.Transactions;

namespace ShardSql.Storage.Nodes;

/// <summary>What is answered, when a lease allows it, and what becomes of requests when the leadership ends.</summary>
public sealed partial class ShardReplica
{
    private void AnswerStatus(ShardLeader leader, IPeerLink link, ulong correlation)
    {
        var counters = new List<KeyValuePair<string, long>>(leader.Counters.All())
        {
            new("local_queue", leader.LocalQueueLength),
            new("reorder_queue", leader.ReorderQueueLength),
            new("hold_us", leader.Hold.Microseconds),
            new("filter_checks", leader.PendingCross.Checks),
            new("filter_hits", leader.PendingCross.Hits),
            new("undecided", _machine.Registers.Undecided.Count),
            new("registers", _machine.Registers.Count),
            new("versions", _machine.Versions.KeyCount),
            new("settled", _machine.Versions.SettledCount),
            new("flushed_slot", (long)_flushedSlot.Value),
            new("log_first", (long)_paxos.LogFirst.Value),
            new("snapshots_sent", SnapshotsSent),
            new("snapshots_installed", SnapshotsInstalled),
            new("elections", _paxos.ElectionsWon),
            new("clock_correction_ms", _node.ClockCorrectionMs),
        };
        BeginResponse(correlation);
        CommitCodec.Write(_reply, new ShardStatus
        {
            Shard = Shard,
            Leader = _node.Options.Self,
            Replicas = _paxos.Membership.Latest.Voters,
            Applied = _machine.Applied,
            Counters = counters,
        });
        link.Send(_reply.WrittenSpan);
    }

    private void AnswerAttempts(UInt128 session, ulong sequence)
    {
        if (!_wantAttempts.Remove((session, sequence), out List<(IPeerLink Link, ulong Correlation)>? asking))
        {
            return;
        }

        var undecided = new List<QueryRequest>();
        HlcTimestamp committed = HlcTimestamp.Zero;
        foreach (Register attempt in _machine.Registers.Attempts(session, sequence))
        {
            if (attempt.State == RegisterState.Committed)
            {
                committed = attempt.Stamp;
            }
            else if (attempt.State == RegisterState.Undecided)
            {
                undecided.Add(new QueryRequest(attempt.Id, attempt.Stamp, attempt.Participants));
            }
        }

        bool forgotten = _machine.Registers.ForgottenEarly.PhysicalMs + RegisterTable.OutcomeWindowMs > _node.Now.WallMs;
        var report = new AttemptReport(committed != HlcTimestamp.Zero, committed, undecided, forgotten);
        foreach ((IPeerLink link, ulong correlation) in asking)
        {
            BeginResponse(correlation);
            CommitCodec.Write(_reply, report);
            link.Send(_reply.WrittenSpan);
        }
    }

    private void AnswerInDoubt(ShardLeader leader, IPeerLink link, ulong correlation)
    {
        var prepared = new List<PreparedTransaction>();
        foreach (Register register in _machine.Registers.Undecided)
        {
            if (prepared.Count == PreparedTransaction.ListedMax)
            {
                break;
            }

            prepared.Add(new PreparedTransaction(
                new QueryRequest(register.Id, register.Stamp, register.Participants),
                register.Share?.Reads.Count ?? 0,
                register.Share?.Ranges.Count ?? 0,
                register.Share?.Writes.Count ?? 0,
                [.. leader.MissingVotes(register)]));
        }

        BeginResponse(correlation);
        CommitCodec.Write(_reply, prepared);
        link.Send(_reply.WrittenSpan);
    }

    private void BeginResponse(ulong correlation)
    {
        _reply.Clear();
        _reply.WriteByte((byte)StorageMessageKind.Response);
        _reply.WriteVarint(correlation);
    }

    private void BeginForLeader(StorageMessageKind kind, ShardId shard)
    {
        _reply.Clear();
        _reply.WriteByte((byte)kind);
        _reply.WriteByte(0);
        _reply.WriteVarint(shard.Value);
    }

    private void ServeWaiting()
    {
        Action[] waiting = [.. _waitingToServe];
        _waitingToServe.Clear();
        _unanswered.Clear();
        foreach (Action request in waiting)
        {
            _node.RunLater(request);
        }
    }

    // The lease is looked at after the read, by a clock read after it: what was read was still the newest then.
    private void AnswerWhenLeased(IPeerLink link, ulong correlation, Action answer)
    {
        _underLease.Add((link, correlation, answer));
        _node.AnswerAtEndOfTurn();
    }

    /// <summary>Whether something was read and cannot be answered, because there is no lease.</summary>
    internal bool WaitsForLease => _underLease.Count > 0 && !_paxos.HasLease;

    /// <summary>Sends what was read; false when it waits for a lease.</summary>
    internal bool AnswerUnderLease()
    {
        if (_underLease.Count > 0 && _paxos.HasLease)
        {
            foreach ((_, _, Action answer) in _underLease)
            {
                answer();
            }

            _underLease.Clear();
        }

        return _underLease.Count == 0;
    }

    // The leadership is over: whoever waits asks the next leader; what was proposed may still be chosen.
    private void DropRequests()
    {
        foreach (IReplicaTask task in _tasks.Values)
        {
            _unanswered.Add((task.Link, task.Correlation));
        }

        foreach (List<VoteSink> sinks in _wantVote.Values)
        {
            foreach (VoteSink sink in sinks)
            {
                if (sink.Link is { } link)
                {
                    _unanswered.Add((link, sink.Correlation));
                }
            }
        }

        foreach (List<(IPeerLink, ulong)> asking in _wantAttempts.Values)
        {
            _unanswered.AddRange(asking);
        }

        foreach (List<(IPeerLink, ulong)> asking in _wantMoves.Values)
        {
            _unanswered.AddRange(asking);
        }

        foreach ((IPeerLink link, ulong correlation, _) in _underLease)
        {
            _unanswered.Add((link, correlation));
        }

        _tasks.Clear();
        _wantVote.Clear();
        _watches.Clear();
        _wantAttempts.Clear();
        _wantMoves.Clear();
        _waitingToServe.Clear();
        _underLease.Clear();
        _ones.Clear();
        _cursors.Clear();
        foreach ((IPeerLink link, ulong correlation) in _unanswered)
        {
            if (correlation != 0)
            {
                _node.SendNotLeader(link, correlation, Shard, Leader, begun: true);
            }
        }

        _unanswered.Clear();
    }
}
