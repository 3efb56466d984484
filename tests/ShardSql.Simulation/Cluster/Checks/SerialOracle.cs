using System;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Simulation.Checking;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Transactions;
using ShardSql.Transactions.Moves;

namespace ShardSql.Simulation.Cluster.Checks;

/// <summary>
/// Knows from the logs what each transaction read, wrote and came to, and from the clients what they saw and were told.
/// At the end: one outcome for each transaction, the one that was told, no transaction twice, and the serial order by
/// (π ascending, c descending) explains every read and the final rows (commit.md §1).
/// </summary>
internal sealed class SerialOracle(SimulatedCluster world)
{
    private readonly SortedDictionary<TxnId, CommittedTransaction> _seen = [];
    private readonly SortedDictionary<TxnId, TransactionContext> _began = [];
    private readonly SortedDictionary<(UInt128 Session, ulong Sequence), HistoryOutcome> _told = [];
    private readonly List<CommittedTransaction> _readers = [];

    /// <summary>Transactions that committed, readers included.</summary>
    public long Committed => _readers.Count + _seen.Values.Count(transaction => transaction.Commits == true);

    /// <summary>All transactions that a log has named.</summary>
    public IEnumerable<TxnId> Ids => _seen.Keys;

    /// <summary>The highest stamp of a transaction that wrote.</summary>
    public HlcTimestamp HighestStamp => _seen.Values.Aggregate(
        HlcTimestamp.Zero, (highest, transaction) => HlcTimestamp.Max(highest, transaction.Stamp));

    /// <summary>Rows as the serial order leaves them.</summary>
    public IReadOnlyDictionary<RowId, string> FinalRows { get; private set; } = new Dictionary<RowId, string>();

    /// <summary>Rows and index entries of tables in SQL on a shard, as the serial order leaves them.</summary>
    public Func<ShardId, SortedDictionary<byte[], byte[]>> FinalSql { get; private set; } =
        static _ => new SortedDictionary<byte[], byte[]>(ByteKeyComparer.Instance);

    /// <summary>Rows and index entries of tables in SQL on all shards.</summary>
    public IReadOnlyList<KeyValuePair<byte[], byte[]>> AllSql { get; private set; } = [];

    /// <summary>A gateway has sent an attempt.</summary>
    public void Began(TxnId id, TransactionContext context) => _began[id] = context;

    /// <summary>A reader has committed at its snapshot, without anybody's vote.</summary>
    public void CommittedRead(HlcTimestamp snapshot, TransactionContext context) => _readers.Add(
        new CommittedTransaction { Pi = snapshot, Stamp = snapshot, Commits = true, Context = context });

    /// <summary>A client knows how its transaction ended.</summary>
    public void Ended(UInt128 session, ulong sequence, bool wasSent, HistoryOutcome outcome)
    {
        if (wasSent)
        {
            _told[(session, sequence)] = outcome;
        }
    }

    /// <summary>A command was applied for the first time anywhere.</summary>
    public void OnApplied(ShardId shard, ShardMachine machine, Command command)
    {
        switch (command)
        {
            case OneCommand one:
                OnOne(shard, machine, one);
                break;
            case PrepareCommand prepare:
                CommittedTransaction transaction = Of(prepare.Id, prepare.Stamp);
                transaction.Participants = prepare.Participants.Count;
                transaction.Shares.TryAdd(shard, prepare.Share);
                CountVote(machine, prepare.Id);
                break;
            case OutcomeCommand outcome:
                OnOutcome(outcome);
                break;
            case RefuseCommand refuse:
                world.Reach(machine.Registers.Find(refuse.Id)?.Vote.Reason switch
                {
                    RefusalReason.Refused => "recovery by REFUSE",
                    RefusalReason.DiskFull => "refused for a full disk",
                    RefusalReason.Forgotten => "refused as forgotten",
                    _ => "REFUSE after a vote",
                });
                break;
            case RefuseSessionCommand:
                world.Reach("session refused");
                break;
            case MoveOutCommand step:
                world.Reach("move: " + step.Step);
                break;
            case PurgeCommand:
                world.Reach("move: purge");
                break;
            case HorizonCommand:
                world.Reach("horizon");
                break;
            default:
                break;
        }
    }

    /// <summary>Checks all, once everything has come to rest.</summary>
    public void CheckEnd()
    {
        foreach (CommittedTransaction transaction in _seen.Values.Where(seen => seen.Commits == true))
        {
            transaction.Context = _began.GetValueOrDefault(transaction.Id);
            world.Check(
                transaction.Shares.Count == transaction.Participants,
                $"{transaction} committed with {transaction.Shares.Count} of {transaction.Participants} PREPAREs");
        }

        foreach (CommittedTransaction open in _seen.Values.Where(seen => seen.Participants > 1 && seen.Commits is null))
        {
            world.Check(!open.VotedYes, $"{open} has no outcome");
        }

        CheckTold();
        Replay();
    }

    private CommittedTransaction Of(TxnId id, HlcTimestamp stamp)
    {
        if (!_seen.TryGetValue(id, out CommittedTransaction? transaction))
        {
            _seen[id] = transaction = new CommittedTransaction { Id = id, Stamp = stamp };
        }

        return transaction;
    }

    private void OnOne(ShardId shard, ShardMachine machine, OneCommand one)
    {
        if (machine.Registers.Find(one.Id) is not { } register || register.Stamp != one.Stamp)
        {
            world.Reach(machine.Registers.Find(one.Id) is null ? "evaluation stale at apply" : "ONE came twice");
            return;
        }

        CountVote(machine, one.Id);
        CommittedTransaction transaction = Of(one.Id, one.Stamp);
        transaction.Participants = 1;
        transaction.Commits = register.Vote.Ok;
        transaction.Pi = HlcTimestamp.Min(one.Stamp, register.Vote.Pi);
        transaction.Shares.TryAdd(shard, one.Share);
    }

    private void OnOutcome(OutcomeCommand outcome)
    {
        if (!_seen.TryGetValue(outcome.Id, out CommittedTransaction? transaction))
        {
            world.Check(false, $"{outcome.Id} has an outcome and was never prepared");
            return;
        }

        Decision decision = Vote.Decide(transaction.Stamp, outcome.Votes);
        world.Check(
            transaction.Commits is null || (transaction.Commits == decision.Commit && transaction.Pi == decision.Pi),
            $"{transaction} has two outcomes");
        world.Reach(decision.Commit ? "cross-shard commits" : "cross-shard aborts", transaction.Commits is null ? 1 : 0);
        bool isAlone = transaction.Commits is null && _began.GetValueOrDefault(outcome.Id) is { GatewayIsLost: true };
        world.Reach("outcome without its gateway", isAlone ? 1 : 0);
        transaction.Commits = decision.Commit;
        transaction.Pi = decision.Pi;
    }

    private void CountVote(ShardMachine machine, TxnId id)
    {
        if (machine.Registers.Find(id) is { } register)
        {
            Of(id, register.Stamp).VotedYes |= register.Vote.Ok;
            world.Reach("vote " + (register.Vote.Ok ? "yes" : register.Vote.Reason.ToString()));
        }
    }

    private void CheckTold()
    {
        var attempts = new SortedDictionary<(UInt128, ulong), int>();
        foreach (CommittedTransaction transaction in _seen.Values.Where(seen => seen.Commits == true))
        {
            (UInt128, ulong) key = (transaction.Id.Session, transaction.Id.Sequence);
            attempts[key] = attempts.GetValueOrDefault(key) + 1;
            world.Check(attempts[key] == 1, $"{transaction} committed more than once");
        }

        foreach (((UInt128 Session, ulong Sequence) key, HistoryOutcome outcome) in _told)
        {
            bool committed = attempts.ContainsKey(key);
            world.Check(
                outcome != HistoryOutcome.Ok || committed,
                $"transaction {key.Session}-{key.Sequence} was acknowledged and did not commit");
            world.Check(
                outcome != HistoryOutcome.Fail || !committed,
                $"transaction {key.Session}-{key.Sequence} was refused and committed");
        }
    }

    private void Replay()
    {
        var rows = new SerialRows(world.Knobs.Shards, isOne: world.HasMoves);
        IEnumerable<CommittedTransaction> serial = _seen.Values.Where(seen => seen.Commits == true).Concat(_readers)
            .OrderBy(transaction => transaction.Pi).ThenByDescending(transaction => transaction.Stamp);
        foreach (CommittedTransaction transaction in serial)
        {
            if (ReplayCheck.FirstWrong(transaction, rows) is { } wrong)
            {
                world.Check(false, $"not serial: {transaction}: {wrong}");
                return;
            }

            foreach ((ShardId shard, TransactionShare share) in transaction.Shares.Where(share => share.Key != ShardId.System))
            {
                share.Writes.ForEach(write => rows.Write(shard, write, transaction.Stamp));
            }
        }

        FinalRows = rows.Own();
        FinalSql = rows.OfSql;
        AllSql = rows.AllSql();
    }
}
