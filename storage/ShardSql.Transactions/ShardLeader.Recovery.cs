using System.Collections.Generic;
using System.Linq;

using ShardSql.Primitives;

namespace ShardSql.Transactions;

/// <summary>
/// Votes of the other participants, the outcome that follows from them, recovery of what stays undecided, and reports
/// that let registers be forgotten (commit.md §3, steps 5 and 6).
/// </summary>
public sealed partial class ShardLeader
{
    /// <summary>How long a transaction may be undecided before recovery starts, ms.</summary>
    public const long RecoveryAfterMs = 100;

    /// <summary>Between two tries of recovery, and of a report, ms.</summary>
    public const long RetryEveryMs = 500;

    /// <summary>Reports that are sent again in one turn.</summary>
    public const int ReportsPerTurnMax = 256;

    private readonly SortedDictionary<TxnId, Collection> _collections = [];
    private readonly SortedDictionary<TxnId, Reports> _reports = [];
    private readonly List<TxnId> _reported = [];

    /// <summary>Takes over what earlier leaders left undecided or unreported.</summary>
    public void TakeOver(long nowMs)
    {
        FilterUndecided();
        foreach (Register register in _machine.Registers.Undecided)
        {
            Collect(register, nowMs);
        }

        foreach (Register register in _machine.Registers.Unreported)
        {
            AwaitReports(register);
        }
    }

    /// <summary>Takes the vote of another participant; useless ones are dropped, recovery asks again.</summary>
    public void OnVote(TxnId id, Vote vote)
    {
        // A gateway that named other participants to another shard brings votes that this one did not ask for.
        if (_collections.TryGetValue(id, out Collection? collection)
            && collection.Votes.Participants.Contains(vote.Shard) && collection.Votes.Take(vote))
        {
            ProposeOutcome(id, collection.Votes.Votes);
        }
    }

    /// <summary>Takes all votes at once, from whoever coordinates.</summary>
    public void OnDecide(TxnId id, IReadOnlyList<Vote> votes)
    {
        if (_machine.Registers.Find(id) is { State: RegisterState.Undecided } register
            && AreOf(register, votes))
        {
            Collect(register, 0);
            ProposeOutcome(id, votes);
        }
    }

    /// <summary>Undecided transactions whose recovery is due: ask the missing participants with QUERY.</summary>
    public IEnumerable<Coordinator> DueRecoveries(long nowMs)
    {
        foreach (Collection collection in _collections.Values)
        {
            if (!collection.OutcomeProposed && nowMs >= collection.DueMs)
            {
                collection.DueMs = nowMs + RetryEveryMs;
                Counters.Recoveries++;
                yield return collection.Votes;
            }
        }
    }

    /// <summary>The participants of an undecided transaction whose votes have not come, as far as this leader knows; none
    /// once the outcome is on its way.</summary>
    public IEnumerable<ShardId> MissingVotes(Register register)
    {
        return _collections.TryGetValue(register.Id, out Collection? collection)
            ? collection.OutcomeProposed ? [] : collection.Votes.Missing
            : register.Participants.Where(shard => shard != _machine.Shard);
    }

    /// <summary>A participant says that it has applied a transaction's outcome.</summary>
    public void OnReport(TxnId id, ShardId from)
    {
        if (!_reports.TryGetValue(id, out Reports? reports))
        {
            return;
        }

        reports.Missing.Remove(from);
        if (reports.Missing.Count == 0)
        {
            _reports.Remove(id);
            _reported.Add(id);
        }
    }

    /// <summary>Reports that are due: tell these participants, and ask for theirs.</summary>
    public void DueReports(long nowMs, List<(TxnId Id, ShardId To)> due)
    {
        foreach ((TxnId id, Reports reports) in _reports)
        {
            if (due.Count >= ReportsPerTurnMax)
            {
                return;
            }

            if (nowMs >= reports.DueMs)
            {
                reports.DueMs = nowMs + (RetryEveryMs * 4);
                foreach (ShardId shard in reports.Missing)
                {
                    due.Add((id, shard));
                }
            }
        }
    }

    /// <summary>The transactions that the next CLOSE declares to be reported by all.</summary>
    public List<TxnId> TakeReported()
    {
        List<TxnId> taken = [.. _reported];
        _reported.Clear();
        return taken;
    }

    private void OnPrepareApplied(PrepareCommand prepare, ApplyResult result)
    {
        Vote vote = result.Vote!;
        Hold.Count(vote.Reason == RefusalReason.Late);
        Counters.CountPrepare(vote);
        Register register = _machine.Registers.Find(prepare.Id)!;
        if (register.State == RegisterState.Undecided)
        {
            // An earlier leader's PREPARE that was adopted was never in this one's queue.
            Filter(prepare.Id, register.Share!);

            // The recovery timer starts with the first tick that sees it.
            Collect(register, 0);
            OnVote(prepare.Id, register.Vote);
        }
        else
        {
            Unfilter(prepare.Id);
            Wake(prepare.Id);
        }
    }

    private void OnOutcomeApplied(TxnId id, ApplyResult result)
    {
        if (result.Decided is not { } register)
        {
            return;
        }

        _collections.Remove(id);
        Unfilter(id);
        Wake(id);
        Counters.CountOutcome(register.State == RegisterState.Committed);
        AwaitReports(register);
    }

    private void AwaitReports(Register register)
    {
        var missing = new SortedSet<ShardId>(register.Participants);
        missing.Remove(_machine.Shard);
        if (missing.Count == 0)
        {
            _reported.Add(register.Id);
        }
        else
        {
            _reports[register.Id] = new Reports(missing);
        }
    }

    private void Collect(Register register, long nowMs)
    {
        if (_collections.ContainsKey(register.Id))
        {
            return;
        }

        var votes = new Coordinator(register.Id, register.Stamp, register.Participants);
        _collections[register.Id] = new Collection(votes) { DueMs = nowMs, PatienceMs = PatienceWith(register.Share) };
        if (votes.Take(register.Vote))
        {
            ProposeOutcome(register.Id, votes.Votes);
        }
    }

    /// <summary>Starts the recovery timer of transactions that became undecided since the last turn.</summary>
    public void StartTimers(long nowMs)
    {
        foreach (Collection collection in _collections.Values)
        {
            if (collection.DueMs == 0)
            {
                collection.DueMs = nowMs + collection.PatienceMs;
            }
        }

        foreach (Reports reports in _reports.Values)
        {
            if (reports.DueMs == 0)
            {
                reports.DueMs = nowMs;
            }
        }
    }

    // One of each participant in order, and of this shard what it has voted: anything else would stop all replicas.
    private bool AreOf(Register register, IReadOnlyList<Vote> votes)
    {
        for (int i = 0; i < votes.Count; i++)
        {
            Vote vote = votes[i];
            bool isOther = vote.Shard != _machine.Shard;
            if (i >= register.Participants.Count || vote.Shard != register.Participants[i]
                || !(isOther || (vote.Ok == register.Vote.Ok && vote.Eta == register.Vote.Eta && vote.Pi == register.Vote.Pi)))
            {
                return false;
            }
        }

        return votes.Count == register.Participants.Count;
    }

    private void ProposeOutcome(TxnId id, IReadOnlyList<Vote> votes)
    {
        Collection collection = _collections[id];
        if (!collection.OutcomeProposed)
        {
            collection.OutcomeProposed = true;
            Propose(new OutcomeCommand(id, votes));
        }
    }

    private sealed class Collection(Coordinator votes)
    {
        public Coordinator Votes { get; } = votes;

        public long DueMs { get; set; }

        public long PatienceMs { get; init; }

        public bool OutcomeProposed { get; set; }
    }

    private sealed class Reports(SortedSet<ShardId> missing)
    {
        public SortedSet<ShardId> Missing { get; } = missing;

        public long DueMs { get; set; }
    }
}
