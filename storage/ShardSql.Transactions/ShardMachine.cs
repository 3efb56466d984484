using System;
using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Transactions.Moves;

namespace ShardSql.Transactions;

/// <summary>What applying a command came to.</summary>
/// <param name="Vote">The vote that the transaction's register holds; null for commands that are no votes.</param>
/// <param name="Decided">The register whose outcome this command made known, if it did.</param>
/// <param name="Move">What became of a step of a move.</param>
public readonly record struct ApplyResult(Vote? Vote, Register? Decided, MoveVerdict? Move = null);

/// <summary>
/// The replicated state of one shard (commit.md §1–§4): versions with their stamps, fences, vote registers, guards.
/// Changed by log entries alone, so every replica computes the same votes from the same log. It never reads the base
/// store and knows nothing of SQL.
/// </summary>
public sealed partial class ShardMachine
{
    /// <summary>Grid of safe snapshots, ms: η starts at the last grid point below c(T) (commit.md §2).</summary>
    public const long SnapshotGridMs = 1_000;

    /// <summary>Entries between two state hashes that replicas compare.</summary>
    public const ulong HashEvery = 1_000;

    private RefusedSessions _refusedSessions = new();
    private StampBuckets _buckets = new();
    private RangeStamps _rangeStamps = new();
    private FenceTable _fences = new();

    /// <summary>The state of a new shard.</summary>
    public ShardMachine(ShardId shard) => Shard = shard;

    /// <summary>Which shard.</summary>
    public ShardId Shard { get; }

    /// <summary>Versions and settled rows.</summary>
    public VersionStore Versions { get; private set; } = new();

    /// <summary>Vote registers.</summary>
    public RegisterTable Registers { get; private set; } = new();

    /// <summary>Table versions and segment epochs.</summary>
    public GuardTable Guards { get; private set; } = new();

    /// <summary>Fences of undecided transactions.</summary>
    public FenceTable Fences => _fences;

    /// <summary>The last slot applied.</summary>
    public Slot Applied { get; private set; }

    /// <summary>No stamp at or below it is taken any more.</summary>
    public HlcTimestamp Closed { get; private set; }

    /// <summary>Snapshots below it are not served any more.</summary>
    public HlcTimestamp Horizon { get; private set; }

    /// <summary>Leaders serve reads up to here.</summary>
    public HlcTimestamp Ceiling { get; private set; }

    /// <summary>What earlier leaders may have served lies at or below it; every transaction takes η ≥ floor.</summary>
    public HlcTimestamp Floor { get; private set; }

    /// <summary>The highest stamp of a transaction voted yes for: none on a version, a reader or a fence is above it.</summary>
    public HlcTimestamp Highest { get; private set; }

    /// <summary>Hash over all that was applied and what came of it.</summary>
    public ulong StateHash { get; private set; }

    /// <summary>The last slot that is a multiple of <see cref="HashEvery"/>, and the hash there.</summary>
    public (Slot Slot, ulong Hash) Checkpoint { get; private set; }

    /// <summary>The hash of a share, as registers keep it: one id, one content.</summary>
    public static ulong ContentHashOf(TransactionShare share)
    {
        var writer = new ByteWriter();
        share.Write(writer);
        return Hash64.Compute(writer.WrittenSpan) | 1;
    }

    /// <summary>Begins the entry of the next slot; its commands follow.</summary>
    /// <param name="slot">The slot after <see cref="Applied"/>.</param>
    /// <param name="content">The entry's bytes, for the state hash.</param>
    public void BeginEntry(Slot slot, ReadOnlySpan<byte> content = default)
    {
        Invariant.Check(slot == Applied.Next, "Entries are applied in order, each once.");
        Applied = slot;
        StateHash = Hash64.Combine(StateHash, Hash64.Compute(content));
        if (slot.Value % HashEvery == 0)
        {
            Checkpoint = (slot, StateHash);
        }
    }

    /// <summary>Applies one command of the entry begun.</summary>
    public ApplyResult Apply(Command command)
    {
        ApplyResult result = command switch
        {
            OneCommand one => ApplyOne(one),
            PrepareCommand prepare => ApplyPrepare(prepare),
            RefuseCommand refuse => ApplyRefuse(refuse),
            OutcomeCommand outcome => ApplyOutcome(outcome),
            CloseCommand close => ApplyClose(close),
            HorizonCommand horizon => ApplyHorizon(horizon.Stamp),
            CeilingCommand ceiling => ApplyCeiling(ceiling.Stamp),
            FloorCommand => ApplyFloor(),
            RefuseSessionCommand refused => ApplyRefuseSession(refused),
            MoveOutCommand step => new ApplyResult(null, null, ApplyMoveOut(step)),
            MoveInCommand step => new ApplyResult(null, null, ApplyMoveIn(step)),
            PurgeCommand purge => new ApplyResult(null, null, ApplyPurge(purge)),
            _ => throw new InvariantException("A command of no known kind was applied."),
        };
        if (result.Vote is { } vote)
        {
            HashVote(vote);
        }

        return result;
    }

    private ApplyResult ApplyOne(OneCommand one)
    {
        if (Registers.Find(one.Id) is { } known)
        {
            return new ApplyResult(known.Vote, null);
        }

        Vote vote = Validate(one.Id, one.Stamp, one.ReadFloor, one.Share, one);

        // What the leader evaluated on an old state, or before a fence, is no vote: it goes on under the same id.
        if (vote.Reason is RefusalReason.StaleEvaluation or RefusalReason.Moving)
        {
            return new ApplyResult(vote, null);
        }

        var register = new Register
        {
            Id = one.Id,
            Stamp = one.Stamp,
            Participants = [Shard],
            Vote = vote,
            ContentHash = 0,
            Result = one.Result,
            State = vote.Ok ? RegisterState.Committed : RegisterState.Aborted,
            Reported = true,
        };
        Registers.Add(register);
        if (vote.Ok)
        {
            Highest = HlcTimestamp.Max(Highest, one.Stamp);
            Install(one.Stamp, vote.Pi, one.Share, byOutcome: false);
        }

        return new ApplyResult(vote, register);
    }

    private ApplyResult ApplyPrepare(PrepareCommand prepare)
    {
        if (Registers.Find(prepare.Id) is { } known)
        {
            return new ApplyResult(known.Vote, null);
        }

        Vote vote = Validate(prepare.Id, prepare.Stamp, prepare.ReadFloor, prepare.Share, null);
        var register = new Register
        {
            Id = prepare.Id,
            Stamp = prepare.Stamp,
            Participants = prepare.Participants,
            Vote = vote,
            ContentHash = ContentHashOf(prepare.Share),
            State = vote.Ok ? RegisterState.Undecided : RegisterState.Aborted,
            Share = vote.Ok ? prepare.Share : null,
        };
        Registers.Add(register);
        if (vote.Ok)
        {
            Highest = HlcTimestamp.Max(Highest, prepare.Stamp);
            _fences.Place(register);
            ReserveQuotas(prepare.Share, ends: false);
        }

        return new ApplyResult(vote, vote.Ok ? null : register);
    }

    private ApplyResult ApplyRefuse(RefuseCommand refuse)
    {
        if (Registers.Find(refuse.Id) is { } known)
        {
            return new ApplyResult(known.Vote, null);
        }

        var register = new Register
        {
            Id = refuse.Id,
            Stamp = refuse.Stamp,
            Participants = refuse.Participants,
            Vote = new Vote(
                Shard, false, HlcTimestamp.Zero, HlcTimestamp.Infinity,
                NoVoteReason(refuse.Stamp, refuse.Reason)),
            ContentHash = 0,
            State = RegisterState.Aborted,
        };
        Registers.Add(register);
        return new ApplyResult(register.Vote, register);
    }

    private ApplyResult ApplyOutcome(OutcomeCommand outcome)
    {
        if (Registers.Find(outcome.Id) is not { State: RegisterState.Undecided } register)
        {
            return default;
        }

        Decision decision = DecisionOf(register, outcome.Votes);
        TransactionShare share = register.Share!;
        _fences.Drop(register);
        ReserveQuotas(share, ends: true);
        if (decision.Commit)
        {
            Install(register.Stamp, decision.Pi, share, byOutcome: true);
        }

        Registers.Decide(register, decision.Commit ? RegisterState.Committed : RegisterState.Aborted);
        return new ApplyResult(null, register);
    }

    private Decision DecisionOf(Register register, IReadOnlyList<Vote> votes)
    {
        Invariant.Check(votes.Count == register.Participants.Count, "An outcome follows from the votes of all.");
        for (int i = 0; i < votes.Count; i++)
        {
            Invariant.Check(votes[i].Shard == register.Participants[i], "Votes come in the participants' order.");
            Invariant.Check(
                votes[i].Shard != Shard || (votes[i].Ok == register.Vote.Ok && votes[i].Eta == register.Vote.Eta
                    && votes[i].Pi == register.Vote.Pi),
                "A shard's vote never changes.");
        }

        return Vote.Decide(register.Stamp, votes);
    }

    private ApplyResult ApplyClose(CloseCommand close)
    {
        Closed = HlcTimestamp.Max(Closed, close.Stamp);
        foreach (TxnId id in close.Reported)
        {
            if (Registers.Find(id) is { } register)
            {
                Registers.Report(register);
            }
        }

        Registers.Forget(Closed);
        _refusedSessions.Forget(Closed);
        Invariant.Check(
            close.CheckedSlot == default || close.CheckedSlot != Checkpoint.Slot || close.StateHash == Checkpoint.Hash,
            "Replicas that applied the same log are in the same state.");
        return default;
    }

    private ApplyResult ApplyHorizon(HlcTimestamp wanted)
    {
        var stamp = HlcTimestamp.Min(wanted, Moves.Pin);
        if (stamp > Horizon)
        {
            Horizon = stamp;
            Versions.Settle(stamp, _buckets);
            _rangeStamps.Forget(stamp);
        }

        return default;
    }

    private ApplyResult ApplyCeiling(HlcTimestamp stamp)
    {
        Ceiling = HlcTimestamp.Max(Ceiling, stamp);
        return default;
    }

    private ApplyResult ApplyFloor()
    {
        Floor = HlcTimestamp.Max(Floor, Ceiling);
        return default;
    }

    private ApplyResult ApplyRefuseSession(RefuseSessionCommand refused)
    {
        _refusedSessions.Add(refused.Session, refused.Sequence, Closed);
        return default;
    }

    private void HashVote(Vote vote)
    {
        StateHash = Hash64.Combine(StateHash, vote.Ok ? 1UL : 0UL);
        StateHash = Hash64.Combine(Hash64.Combine(StateHash, vote.Eta.Time), vote.Eta.Source);
        StateHash = Hash64.Combine(Hash64.Combine(StateHash, vote.Pi.Time), vote.Pi.Source);
    }
}
