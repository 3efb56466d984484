using System;
using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Simulation.Checking;
using ShardSql.Storage.Client;
using ShardSql.Storage.Messages;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Cluster.Gateways;

/// <summary>
/// A commit as the gateway drives it (commit.md §3): ONE where a single shard is concerned, else a PREPARE for each
/// participant and, where votes stay away, QUERY. A new attempt begins only after a durable no; what nobody could be asked
/// about in time is asked about as an outcome.
/// </summary>
internal sealed class CommitRun
{
    private const int AttemptsMax = 5;
    private const int PrepareTries = 2;
    private const int ResolveRoundsMax = 4;
    private const long AskTimeoutUs = 1_500_000;
    private const long RecoveryPauseUs = 50_000;
    private const long RecoveryPauseMaxUs = 1_000_000;
    private const long DeadlineUs = 10_000_000;

    private readonly SimulatedGateway _gateway;
    private readonly SimulatedClient _client;
    private readonly TransactionContext _context;
    private readonly Action<TransactionEnd> _then;
    private readonly List<ShardId> _participants = [];
    private readonly long _deadlineUs;
    private Coordinator? _coordinator;
    private int _attempts;
    private bool _ended;

    public CommitRun(
        SimulatedGateway gateway, SimulatedClient client, TransactionContext context, Action<TransactionEnd> then)
    {
        _gateway = gateway;
        _client = client;
        _context = context;
        _then = then;
        _deadlineUs = gateway.World.Events.NowUs + DeadlineUs;
        if (context.Append is { } append)
        {
            _participants.Add(context.ShardOf(append.Row));
        }
        else
        {
            _participants.AddRange(context.Shares.Keys);
        }
    }

    public IReadOnlyList<ShardId> Participants => _participants;

    public void Start()
    {
        TxnId id = _client.NextAttempt();
        _gateway.World.Serial.Began(id, _context);
        if (_participants.Count == 1)
        {
            One(id);
        }
        else
        {
            Prepare(id);
        }
    }

    private void One(TxnId id)
    {
        ShardId shard = _participants[0];
        OneRequest request = _context.Append is { } append
            ? new OneRequest
            {
                Id = id, Fragment = SimulatedRows.Append(append.Row, append.More), After = _gateway.Highest,
            }
            : new OneRequest { Id = id, Share = _context.Shares[shard], After = _gateway.Highest };
        _gateway.Ask(shard, RequestKind.One, writer => CommitCodec.Write(writer, request), AskTimeoutUs, (answer, _) =>
        {
            if (answer is null)
            {
                Resolve();
                return;
            }

            var reader = new ByteReader(answer);
            OneReply reply = CommitCodec.ReadOneReply(ref reader);
            Invariant.Check(!reader.Failed, "A reply can be read.");
            _gateway.Merge(reply.Stamp);
            Take(reply);
        });
    }

    private void Take(OneReply reply)
    {
        if (reply.Status == ReplyStatus.Failed)
        {
            _gateway.World.Check(false, $"a statement failed: {reply.Failure}");
        }

        if (reply.Status != ReplyStatus.Ok || reply.Vote is not { } vote)
        {
            Refused(RefusalReason.Busy);
        }
        else if (vote.Ok)
        {
            if (_context.Append is { } append)
            {
                TakeAppended(append.Row, reply);
            }

            End(HistoryOutcome.Ok, "one", reply.Stamp);
        }
        else
        {
            _gateway.Merge(vote.Eta);
            Refused(vote.Reason);
        }
    }

    private void TakeAppended(RowId row, OneReply reply)
    {
        foreach ((RowId id, string text) in SimulatedRows.FromReply(row.Table, reply.Rows))
        {
            _context.Seen[id] = text;
        }
    }

    private void Prepare(TxnId id)
    {
        HlcTimestamp stamp = _gateway.NextStamp();
        var coordinator = new Coordinator(id, stamp, _participants);
        _coordinator = coordinator;
        foreach (ShardId shard in _participants)
        {
            Ask(coordinator, shard, tries: PrepareTries);
        }

        _gateway.After(DeadlineUs, () =>
        {
            if (_coordinator == coordinator)
            {
                _coordinator = null;
                Resolve();
            }
        });
    }

    private void Ask(Coordinator coordinator, ShardId shard, int tries)
    {
        var request = new PrepareRequest(coordinator.Id, coordinator.Stamp, _participants, _context.Shares[shard]);
        _gateway.Ask(
            shard, RequestKind.Prepare, writer => CommitCodec.Write(writer, request), AskTimeoutUs, (answer, _) =>
            {
                if (answer is not null)
                {
                    Take(coordinator, answer);
                }
                else if (tries > 1)
                {
                    Ask(coordinator, shard, tries - 1);
                }
                else
                {
                    Query(coordinator, shard, RecoveryPauseUs);
                }
            });
    }

    private void Query(Coordinator coordinator, ShardId shard, long pauseUs)
    {
        if (_coordinator != coordinator)
        {
            return;
        }

        _gateway.World.Reach("gateway asked by QUERY");
        var query = new QueryRequest(coordinator.Id, coordinator.Stamp, _participants);
        _gateway.Ask(shard, RequestKind.Query, writer => CommitCodec.Write(writer, query), AskTimeoutUs, (answer, _) =>
        {
            if (answer is not null)
            {
                Take(coordinator, answer);
            }
            else
            {
                _gateway.After(
                    pauseUs, () => Query(coordinator, shard, long.Min(pauseUs * 2, RecoveryPauseMaxUs)));
            }
        });
    }

    private void Take(Coordinator coordinator, byte[] answer)
    {
        var reader = new ByteReader(answer);
        Vote vote = Vote.Read(ref reader);
        Invariant.Check(!reader.Failed, "A vote can be read.");
        _gateway.Merge(vote.Eta);
        if (coordinator.Take(vote))
        {
            foreach (ShardId shard in coordinator.Participants)
            {
                _gateway.Decide(shard, new DecideNotice(coordinator.Id, coordinator.Stamp, coordinator.Votes));
            }
        }

        if (_coordinator != coordinator || (coordinator.Decision is null && coordinator.FirstNo is null))
        {
            return;
        }

        _coordinator = null;
        if (coordinator.Decision is { Commit: true })
        {
            End(HistoryOutcome.Ok, "prepared", coordinator.Stamp);
        }
        else
        {
            Refused(coordinator.FirstNo?.Reason ?? RefusalReason.Window);
        }
    }

    private void Refused(RefusalReason reason)
    {
        bool mayPass =
            reason is RefusalReason.Late or RefusalReason.Busy or RefusalReason.Closed or RefusalReason.Refused;
        if (mayPass && ++_attempts < AttemptsMax && _gateway.World.Events.NowUs < _deadlineUs)
        {
            _gateway.World.Reach("attempt again after " + reason);
            _gateway.After(1_000L << _attempts, Start);
        }
        else
        {
            End(HistoryOutcome.Fail, reason.ToString(), HlcTimestamp.Zero);
        }
    }

    private void Resolve() => new OutcomeRun(
        _gateway, _client.Session, _client.Sequence, _participants, ResolveRoundsMax, (outcome, stamp) =>
            End(outcome, "resolved " + outcome, stamp)).Start();

    private void End(HistoryOutcome outcome, string why, HlcTimestamp stamp)
    {
        if (!_ended)
        {
            _ended = true;
            _then(new TransactionEnd(outcome, why, stamp));
        }
    }
}
