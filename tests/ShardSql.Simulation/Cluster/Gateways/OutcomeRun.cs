using System;
using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Simulation.Checking;
using ShardSql.Storage.Client;
using ShardSql.Storage.Messages;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Cluster.Gateways;

/// <summary>
/// Finds out what became of a client's transaction, over all its attempts, and makes sure that what has no vote yet never
/// gets one (commit.md §3, step 6).
/// </summary>
internal sealed class OutcomeRun
{
    private const long AskTimeoutUs = 1_500_000;
    private const long RoundPauseUs = 200_000;

    private readonly SimulatedGateway _gateway;
    private readonly UInt128 _session;
    private readonly ulong _sequence;
    private readonly IReadOnlyList<ShardId> _participants;
    private readonly Action<HistoryOutcome, HlcTimestamp> _then;
    private readonly List<QueryRequest> _undecided = [];
    private int _rounds;
    private int _outstanding;
    private bool _isMissing;
    private bool _isForgotten;
    private bool _ended;

    public OutcomeRun(
        SimulatedGateway gateway, UInt128 session, ulong sequence, IReadOnlyList<ShardId> participants, int rounds,
        Action<HistoryOutcome, HlcTimestamp> then)
    {
        _gateway = gateway;
        _session = session;
        _sequence = sequence;
        _participants = participants;
        _rounds = rounds;
        _then = then;
    }

    public void Start()
    {
        _gateway.World.Reach("outcome asked for");
        _outstanding = _participants.Count;
        _isMissing = _isForgotten = false;
        _undecided.Clear();
        foreach (ShardId shard in _participants)
        {
            _gateway.Ask(shard, RequestKind.Attempts, Write, AskTimeoutUs, (answer, _) => Take(answer));
        }
    }

    private void Write(ByteWriter writer)
    {
        writer.WriteTxnId(new TxnId(_session, _sequence, 0));
        writer.WriteBoolean(true);
    }

    private void Take(byte[]? answer)
    {
        if (answer is null)
        {
            _isMissing = true;
        }
        else
        {
            var reader = new ByteReader(answer);
            AttemptReport report = CommitCodec.ReadReport(ref reader);
            Invariant.Check(!reader.Failed, "A report can be read.");
            if (report.Committed)
            {
                End(HistoryOutcome.Ok, report.Stamp);
            }

            _isForgotten |= report.Forgotten;
            _undecided.AddRange(report.Undecided);
        }

        if (--_outstanding == 0 && !_ended)
        {
            QueryAll();
        }
    }

    private void QueryAll()
    {
        _outstanding = 1;
        foreach (QueryRequest attempt in _undecided)
        {
            var coordinator = new Coordinator(attempt.Id, attempt.Stamp, attempt.Participants);
            foreach (ShardId shard in attempt.Participants)
            {
                _outstanding++;
                _gateway.Ask(
                    shard, RequestKind.Query, writer => CommitCodec.Write(writer, attempt), AskTimeoutUs,
                    (answer, _) => TakeVote(coordinator, answer));
            }
        }

        Judge();
    }

    private void TakeVote(Coordinator coordinator, byte[]? answer)
    {
        if (answer is null)
        {
            _isMissing = true;
        }
        else
        {
            var reader = new ByteReader(answer);
            if (coordinator.Take(Vote.Read(ref reader)))
            {
                foreach (ShardId shard in coordinator.Participants)
                {
                    _gateway.Decide(shard, new DecideNotice(coordinator.Id, coordinator.Stamp, coordinator.Votes));
                }

                if (coordinator.Decision is { Commit: true })
                {
                    End(HistoryOutcome.Ok, coordinator.Stamp);
                }
            }
        }

        Judge();
    }

    private void Judge()
    {
        if (--_outstanding > 0 || _ended)
        {
            return;
        }

        if (!_isMissing)
        {
            End(_isForgotten ? HistoryOutcome.Info : HistoryOutcome.Fail, HlcTimestamp.Zero);
        }
        else if (--_rounds > 0)
        {
            _gateway.After(RoundPauseUs, Start);
        }
        else
        {
            End(HistoryOutcome.Info, HlcTimestamp.Zero);
        }
    }

    private void End(HistoryOutcome outcome, HlcTimestamp stamp)
    {
        if (!_ended)
        {
            _ended = true;
            _gateway.Merge(stamp);
            _then(outcome, stamp);
        }
    }
}
