using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Simulation.Model;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Explorer;

/// <summary>
/// Walks through every state of the commit protocol (commit.md §3) with two real shard machines and two transactions over
/// both. Each shard's Paxos group is a log whose entries in flight may be lost, any of them, when its leader changes.
/// Messages are never taken away; gateways may stop anywhere; anybody may query. Checked in each state: a vote never
/// changes, all who can decide agree, what a client was told holds, outcomes are the same on both shards, and the serial
/// order of §1; where nothing can happen any more, nothing is undecided. With a segment that moves (sharding.md §2) one of
/// the transactions is the switch, and the steps of its runner are entries like all others.
/// </summary>
public sealed partial class CommitExplorer
{
    private readonly CommitBounds _bounds;
    private readonly CommitSpace _space;
    private readonly HashSet<UInt128> _seen = [];
    private readonly Queue<CommitState> _frontier = new();
    private readonly SortedSet<string> _ends = new(StringComparer.Ordinal);
    private long _transitions;
    private long _news;
    private string? _violation;

    private CommitExplorer(CommitBounds bounds)
    {
        _bounds = bounds;
        _space = new CommitSpace(bounds);
    }

    private int Count => _space.Transactions.Count;

    /// <summary>Explores.</summary>
    public static ExplorerReport Run(CommitBounds bounds)
    {
        var clock = Stopwatch.StartNew();
        var explorer = new CommitExplorer(bounds);
        int depth = 0;
        try
        {
            depth = explorer.Walk();
        }
        catch (InvariantException broken)
        {
            explorer._violation = broken.Message;
        }

        return new ExplorerReport(
            $"commit {bounds.Workload}{(bounds.WithOne ? " + one" : string.Empty)}", explorer._seen.Count,
            explorer._transitions, depth, explorer._seen.Count < bounds.StatesMax, explorer._violation, clock.Elapsed)
        {
            Ends = [.. explorer._ends],
        };
    }

    private int Walk()
    {
        Add(CommitState.Begin(_space));
        int depth = 0;
        while (_frontier.TryDequeue(out CommitState? state) && _violation is null && _seen.Count < _bounds.StatesMax)
        {
            depth = state.Depth;
            _news = 0;
            for (int shard = 0; shard < CommitSpace.Shards; shard++)
            {
                Apply(state, shard);
                ChangeLeader(state, shard);
                for (int transaction = 0; transaction < Count; transaction++)
                {
                    Take(state, transaction, shard);
                }
            }

            for (int transaction = 0; transaction < Count; transaction++)
            {
                Answer(state, transaction);
            }

            Move(state);

            if (_news == 0)
            {
                CheckEnd(state);
            }
        }

        return depth;
    }

    private void Take(CommitState state, int transaction, int shard)
    {
        CommitTransaction what = _space.Transactions[transaction];
        if (!what.Participants.Contains(CommitTransactions.ShardOf(shard)))
        {
            return;
        }

        if (what.CommandFor(shard, _space.View(state.Machines[shard]).Segment) is { } command)
        {
            Receive(state, transaction, shard, command);
        }

        if (what.Participants.Count > 1)
        {
            Query(state, transaction, shard);
            ProposeOutcome(state, transaction, shard);
        }
    }

    // A step is sent until it is taken; the next one only then.
    private void Move(CommitState state)
    {
        if (!_bounds.HasMove)
        {
            return;
        }

        CommitView source = _space.View(state.Machines[0]);
        CommitView target = _space.View(state.Machines[1]);
        foreach ((int shard, Command step) in MoveSteps.Enabled(source.Segment!, target.Segment!, source.Registers[0]))
        {
            bool isOnItsWay = Array.Exists(
                state.InFlight[shard], id => MoveSteps.TicketOf(_space.Command(id)) == MoveSteps.TicketOf(step));
            if (!isOnItsWay)
            {
                Propose(state, shard, step);
            }
        }
    }

    private void Receive(CommitState state, int transaction, int shard, Command command)
    {
        if (RegisterOf(state, transaction, shard) is { } register)
        {
            Resend(state, transaction, shard, _space.Intern(register.Vote));
            return;
        }

        Propose(state, shard, command);
        if (_bounds.Defect == CommitDefect.VoteBeforeChosen)
        {
            int vote = _space.Apply(state.Machines[shard], _space.Intern(command)).Vote;
            Resend(state, transaction, shard, vote);
        }
    }

    private void Query(CommitState state, int transaction, int shard)
    {
        CommitTransaction what = _space.Transactions[transaction];
        if (RegisterOf(state, transaction, shard) is { } register)
        {
            Resend(state, transaction, shard, _space.Intern(register.Vote));
        }
        else if (_bounds.Defect == CommitDefect.VolatileRefusal)
        {
            var no = new Vote(
                CommitTransactions.ShardOf(shard), false, HlcTimestamp.Zero, HlcTimestamp.Infinity, RefusalReason.Refused);
            Resend(state, transaction, shard, _space.Intern(no));
        }
        else
        {
            Propose(state, shard, new RefuseCommand(what.Model.Id, what.Stamp, what.Participants));
        }
    }

    private void ProposeOutcome(CommitState state, int transaction, int shard)
    {
        if (RegisterOf(state, transaction, shard) is { State: RegisterState.Undecided } register
            && VotesOf(state, transaction) is { } votes)
        {
            Propose(state, shard, new OutcomeCommand(register.Id, votes));
        }
    }

    private void Propose(CommitState state, int shard, Command command)
    {
        int id = _space.Intern(command);
        if (Array.IndexOf(state.InFlight[shard], id) < 0)
        {
            Next(state, next => next.InFlight[shard] = [.. next.InFlight[shard], id]);
        }
    }

    private void Apply(CommitState state, int shard)
    {
        if (state.InFlight[shard] is not [int command, ..])
        {
            return;
        }

        (int machine, int vote) = _space.Apply(state.Machines[shard], command);
        Next(state, next =>
        {
            next.InFlight[shard] = next.InFlight[shard][1..];
            next.Machines[shard] = machine;
            if (vote >= 0 && IsVote(next, shard, TransactionOf(_space.Command(command))))
            {
                SendVote(next, TransactionOf(_space.Command(command)), shard, vote);
            }
        });
    }

    private static int TransactionOf(Command command) => command switch
    {
        OneCommand one => (int)one.Id.Sequence - 1,
        PrepareCommand prepare => (int)prepare.Id.Sequence - 1,
        RefuseCommand refuse => (int)refuse.Id.Sequence - 1,
        _ => throw new InvariantException("Only these are voted on."),
    };

    // What a ONE meets at a fence is no vote: it goes on under the same id.
    private bool IsVote(CommitState state, int shard, int transaction) => RegisterOf(state, transaction, shard) is not null;

    private void ChangeLeader(CommitState state, int shard)
    {
        if (state.LeaderChanges == _bounds.LeaderChanges)
        {
            return;
        }

        int[] all = state.InFlight[shard];
        for (int lost = 1; lost < 1 << all.Length; lost++)
        {
            int[] kept = [.. all.Where((_, i) => (lost & (1 << i)) == 0)];
            Next(state, next =>
            {
                next.InFlight[shard] = kept;
                next.LeaderChanges++;
            });
        }
    }

    private void Answer(CommitState state, int transaction)
    {
        if (state.Answers[transaction] != CommitAnswer.None)
        {
            return;
        }

        if (VotesOf(state, transaction) is { } votes)
        {
            bool commit = Vote.Decide(_space.Transactions[transaction].Stamp, votes).Commit;
            Next(state, next => next.Answers[transaction] = commit ? CommitAnswer.Committed : CommitAnswer.Aborted);
        }
        else if (_bounds.Defect == CommitDefect.AbortsAlone)
        {
            Next(state, next => next.Answers[transaction] = CommitAnswer.Aborted);
        }
    }

    private void Resend(CommitState state, int transaction, int shard, int vote)
    {
        if (state.Votes[CommitState.Pair(transaction, shard)] != vote)
        {
            Next(state, next => SendVote(next, transaction, shard, vote));
        }
    }

    private void SendVote(CommitState next, int transaction, int shard, int vote)
    {
        int pair = CommitState.Pair(transaction, shard);
        if (next.Votes[pair] >= 0 && next.Votes[pair] != vote)
        {
            _violation ??= $"T{transaction + 1}: the vote of shard {shard + 1} changed.";
        }

        next.Votes[pair] = vote;
    }

    private Register? RegisterOf(CommitState state, int transaction, int shard) =>
        _space.View(state.Machines[shard]).Registers[transaction];

    private List<Vote>? VotesOf(CommitState state, int transaction)
    {
        var votes = new List<Vote>();
        foreach (ShardId participant in _space.Transactions[transaction].Participants)
        {
            int vote = state.Votes[CommitState.Pair(transaction, (int)participant.Value - 1)];
            if (vote < 0)
            {
                return null;
            }

            votes.Add(_space.Vote(vote));
        }

        return votes;
    }

    private void Next(CommitState state, Action<CommitState> change)
    {
        CommitState next = state.Copy();
        change(next);
        _transitions++;
        Add(next, state);
    }

    private void Add(CommitState next, CommitState? before = null)
    {
        UInt128 hash = next.Hash();
        _news += before is null || hash != before.Hash() ? 1 : 0;
        if (_seen.Add(hash))
        {
            _violation ??= Check(next);
            _frontier.Enqueue(next);
        }
    }
}
