using System;
using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Storage.Client;
using ShardSql.Storage.Messages;
using ShardSql.Transactions;

namespace ShardSql.Storage.Nodes;

/// <summary>Requests of gateways and of other participants at the leader, and their answers.</summary>
public sealed partial class ShardReplica
{
    private readonly Dictionary<long, IReplicaTask> _tasks = [];
    private readonly Dictionary<TxnId, List<VoteSink>> _wantVote = [];
    private readonly Dictionary<(UInt128 Session, ulong Sequence), List<(IPeerLink Link, ulong Correlation)>> _wantAttempts = [];
    private readonly Dictionary<TxnId, StageWatch> _watches = [];
    private readonly List<Action> _waitingToServe = [];
    private readonly List<(IPeerLink Link, ulong Correlation, Action Answer)> _underLease = [];
    private readonly List<(IPeerLink Link, ulong Correlation)> _unanswered = [];
    private readonly List<long> _tokens = [];
    private readonly List<(TxnId Id, ShardId To)> _dueReports = [];
    private readonly ByteWriter _reply = new();
    private long _nextToken = 1;

    internal void ReceiveRequest(RequestKind kind, IPeerLink link, ulong correlation, ref ByteReader reader)
    {
        ShardLeader leader = _leader!;
        if (!leader.IsServing)
        {
            if (_waitingToServe.Count >= _node.Options.TasksMax)
            {
                _node.SendNotLeader(link, correlation, Shard, default, begun: false);
                return;
            }

            byte[] body = reader.Rest.ToArray();
            _unanswered.Add((link, correlation));
            _waitingToServe.Add(() =>
            {
                var again = new ByteReader(body);
                ReceiveRequest(kind, link, correlation, ref again);
            });
            return;
        }

        Dispatch(leader, kind, link, correlation, ref reader);
    }

    // What cannot be read is dropped, and counted by who took it in.
    private void Dispatch(
        ShardLeader leader, RequestKind kind, IPeerLink link, ulong correlation, ref ByteReader reader)
    {
        switch (kind)
        {
            case RequestKind.Fragment when FragmentCodec.ReadRequest(ref reader) is var fragment && !reader.Failed:
                StartFragment(link, correlation, fragment);
                break;
            case RequestKind.Continue when reader.ReadVarint() is var cursor && !reader.Failed:
                ContinueCursor(link, correlation, cursor);
                break;
            case RequestKind.One when CommitCodec.ReadOne(ref reader) is var one && !reader.Failed:
                StartOne(link, correlation, one);
                break;
            case RequestKind.Prepare when CommitCodec.ReadPrepare(ref reader, Shard) is var prepare && !reader.Failed:
                StartPrepare(leader, new VoteSink(link, correlation, default), prepare);
                break;
            case RequestKind.Query when CommitCodec.ReadQuery(ref reader, Shard) is var query && !reader.Failed:
                StartQuery(leader, new VoteSink(link, correlation, default), query);
                break;
            case RequestKind.Attempts:
                StartAttempts(leader, link, correlation, ref reader);
                break;
            case RequestKind.Status:
                AnswerStatus(leader, link, correlation);
                break;
            case RequestKind.InDoubt:
                AnswerInDoubt(leader, link, correlation);
                break;
            case RequestKind.Group when GroupCodec.ReadRequest(ref reader) is var wish && !reader.Failed:
                ChangeGroup(link, correlation, wish);
                break;
            case RequestKind.Move:
                StartMove(leader, link, correlation, ref reader);
                break;
            case RequestKind.Copy when MoveCodec.ReadCopy(ref reader) is var copy && !reader.Failed:
                StartCopy(leader, link, correlation, copy);
                break;
            case RequestKind.Sum when MoveCodec.ReadSum(ref reader) is var sum && !reader.Failed:
                StartSum(leader, link, correlation, sum);
                break;
            default:
                break;
        }
    }

    /// <summary>Votes, queries, reports and decisions of other participants and of gateways.</summary>
    internal void ReceiveForLeader(StorageMessageKind kind, ref ByteReader reader)
    {
        if (_leader is not { IsServing: true } leader)
        {
            return;
        }

        switch (kind)
        {
            case StorageMessageKind.Vote:
                TxnId id = reader.ReadTxnId();
                Vote vote = Vote.Read(ref reader);
                if (!reader.Failed)
                {
                    leader.OnVote(id, vote);
                }

                break;
            case StorageMessageKind.Query:
                var asker = new ShardId(reader.ReadVarint32());
                QueryRequest query = CommitCodec.ReadQuery(ref reader, Shard);
                if (!reader.Failed)
                {
                    StartQuery(leader, new VoteSink(null, 0, asker), query);
                }

                break;
            case StorageMessageKind.Report:
                TxnId reported = reader.ReadTxnId();
                var from = new ShardId(reader.ReadVarint32());
                bool wantsReply = reader.ReadBoolean();
                if (!reader.Failed)
                {
                    TakeReport(leader, reported, from, wantsReply);
                }

                break;
            case StorageMessageKind.Decide:
                DecideNotice notice = CommitCodec.ReadDecide(ref reader);
                if (!reader.Failed)
                {
                    leader.OnDecide(notice.Id, notice.Votes);
                }

                break;
            default:
                break;
        }
    }

    private bool Schedule()
    {
        if (_leader is not { IsServing: true } leader)
        {
            return false;
        }

        _tokens.Clear();
        leader.TakeReleased(_node.Now.MonotonicUs, _tokens);
        leader.TakeWoken(_tokens);
        foreach (long token in _tokens.ToArray())
        {
            if (_tasks.TryGetValue(token, out IReplicaTask? task))
            {
                task.Resume();
            }
        }

        return _tokens.Count > 0;
    }

    private long AddTask(IReplicaTask task)
    {
        long token = _nextToken++;
        _tasks.Add(token, task);
        return token;
    }

    private bool IsOverloaded => _tasks.Count >= _node.Options.TasksMax || _leader!.IsFull;

    private void StartPrepare(ShardLeader leader, VoteSink sink, PrepareRequest request)
    {
        if (_machine.Registers.Find(request.Id) is { } register)
        {
            SendVote(sink, request.Id, register.Vote);
            return;
        }

        bool isNew = !_wantVote.ContainsKey(request.Id);
        WantVote(request.Id, sink);
        if (!isNew)
        {
            return;
        }

        bool isDiskFull = _node.IsDiskFull && request.Share.HasWrites;
        if (isDiskFull || IsOverloaded || HlcClock.IsTooFarAhead(request.Stamp, _node.Now.WallMs))
        {
            // A no is durable too before anybody hears it.
            RefusalReason reason = isDiskFull ? RefusalReason.DiskFull : RefusalReason.Refused;
            leader.Propose(new RefuseCommand(request.Id, request.Stamp, request.Participants, reason));
            return;
        }

        if (request.Times is not null)
        {
            WatchOf(request.Id);
        }

        var task = new PrepareTask(this, request);
        leader.HoldPrepare(request.Id, request.Stamp, request.Share, task.Token, _node.Now.MonotonicUs);
    }

    private void StartQuery(ShardLeader leader, VoteSink sink, QueryRequest request)
    {
        if (_machine.Registers.Find(request.Id) is { } register)
        {
            SendVote(sink, request.Id, register.Vote);
            return;
        }

        WantVote(request.Id, sink);
        leader.Propose(new RefuseCommand(request.Id, request.Stamp, request.Participants));
    }

    private void WantVote(TxnId id, VoteSink sink)
    {
        if (!_wantVote.TryGetValue(id, out List<VoteSink>? sinks))
        {
            _wantVote[id] = sinks = [];
        }

        sinks.Add(sink);
    }

    /// <summary>The measurements of a transaction that asks for them.</summary>
    private StageWatch WatchOf(TxnId id)
    {
        if (!_watches.TryGetValue(id, out StageWatch? watch))
        {
            _watches[id] = watch = new StageWatch();
        }

        return watch;
    }

    private StageWatch? WatchOf(Command command) => command switch
    {
        OneCommand one => _watches.GetValueOrDefault(one.Id),
        PrepareCommand prepare => _watches.GetValueOrDefault(prepare.Id),
        _ => null,
    };

    private void AnswerVote(TxnId id, Vote vote)
    {
        if (_wantVote.Remove(id, out List<VoteSink>? sinks))
        {
            foreach (VoteSink sink in sinks)
            {
                SendVote(sink, id, vote);
            }
        }

        _watches.Remove(id);
    }

    private void SendVote(VoteSink sink, TxnId id, Vote vote)
    {
        if (sink.Link is { } link)
        {
            BeginResponse(sink.Correlation);
            vote.Write(_reply);
            if (_watches.TryGetValue(id, out StageWatch? watch))
            {
                watch.Times().Write(_reply);
            }

            link.Send(_reply.WrittenSpan);
        }
        else
        {
            SendVoteTo(sink.Shard, id, vote);
        }
    }

    // Step 3 of commit.md §3: the other participants hear the vote from us, not only through the gateway.
    private void ShareVote(PrepareCommand prepare, Vote vote)
    {
        foreach (ShardId participant in prepare.Participants)
        {
            if (participant != Shard)
            {
                SendVoteTo(participant, prepare.Id, vote);
            }
        }
    }

    private void SendVoteTo(ShardId shard, TxnId id, Vote vote)
    {
        BeginForLeader(StorageMessageKind.Vote, shard);
        _reply.WriteTxnId(id);
        vote.Write(_reply);
        _node.SendToLeader(shard, _reply.WrittenSpan);
    }

    private void AskMissing(Coordinator undecided)
    {
        foreach (ShardId missing in undecided.Missing)
        {
            BeginForLeader(StorageMessageKind.Query, missing);
            _reply.WriteVarint(Shard.Value);
            CommitCodec.Write(_reply, new QueryRequest(undecided.Id, undecided.Stamp, undecided.Participants));
            _node.SendToLeader(missing, _reply.WrittenSpan);
        }
    }

    private void SendReports(ShardLeader leader, long nowMs)
    {
        _dueReports.Clear();
        leader.DueReports(nowMs, _dueReports);
        foreach ((TxnId id, ShardId to) in _dueReports)
        {
            SendReport(id, to, wantsReply: true);
        }
    }

    private void TakeReport(ShardLeader leader, TxnId id, ShardId from, bool wantsReply)
    {
        leader.OnReport(id, from);
        if (wantsReply && _machine.Registers.Find(id) is not { State: RegisterState.Undecided })
        {
            SendReport(id, from, wantsReply: false);
        }
    }

    private void SendReport(TxnId id, ShardId to, bool wantsReply)
    {
        BeginForLeader(StorageMessageKind.Report, to);
        _reply.WriteTxnId(id);
        _reply.WriteVarint(Shard.Value);
        _reply.WriteBoolean(wantsReply);
        _node.SendToLeader(to, _reply.WrittenSpan);
    }

    private void StartAttempts(ShardLeader leader, IPeerLink link, ulong correlation, ref ByteReader reader)
    {
        TxnId any = reader.ReadTxnId();
        bool refuse = reader.ReadBoolean();
        (UInt128, ulong) key = (any.Session, any.Sequence);
        if (!_wantAttempts.TryGetValue(key, out List<(IPeerLink, ulong)>? asking))
        {
            _wantAttempts[key] = asking = [];
        }

        asking.Add((link, correlation));
        if (!refuse)
        {
            AnswerAttempts(any.Session, any.Sequence);
        }
        else
        {
            leader.Propose(new RefuseSessionCommand(any.Session, any.Sequence));
        }
    }

    /// <summary>Who wants a vote: a link with a correlation, or another participant.</summary>
    private readonly record struct VoteSink(IPeerLink? Link, ulong Correlation, ShardId Shard);

    /// <summary>Something that may have to wait and is resumed by its token.</summary>
    private interface IReplicaTask
    {
        IPeerLink Link { get; }

        ulong Correlation { get; }

        void Resume();
    }
}
