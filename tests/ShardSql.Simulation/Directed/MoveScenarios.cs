using System;

using ShardSql.Primitives;
using ShardSql.Transactions;
using ShardSql.Transactions.Moves;

namespace ShardSql.Simulation.Directed;

/// <summary>Rules of moves that random runs need too seldom to rely on (sharding.md §2).</summary>
internal static class MoveScenarios
{
    private const uint Segment = 7;
    private const ulong Job = 3;
    private const long SwitchMs = 2_000;

    private static readonly ShardId s_source = new(1);
    private static readonly ShardId s_target = new(2);
    private static readonly byte[] s_key = [1];
    private static readonly Guard s_first = new(GuardKind.Segment, Segment, 1);
    private static readonly Guard s_second = new(GuardKind.Segment, Segment, 2);
    private static readonly TxnId s_switch = new(9, 1, 1);

    /// <summary>Another runner has the move; the one before it comes back and fences.</summary>
    public static string? StaleRunner()
    {
        ShardMachine machine = Source();
        Out(machine, MoveOutStep.Begin, term: 1, ticket: 1);
        Out(machine, MoveOutStep.Begin, term: 2, ticket: 1);
        MoveVerdict? verdict = Out(machine, MoveOutStep.Fence, term: 1, ticket: 2);
        return machine.Moves.Find(Segment) is null ? "no move has begun, so nothing was shown"
            : verdict != MoveVerdict.Stale || machine.IsFenced(s_first) ? "a runner that has lost its lease fences the segment"
            : null;
    }

    /// <summary>The segment is fenced, and a transaction that relies on it is undecided.</summary>
    public static string? SwitchBeforeTheUndecided()
    {
        ShardMachine machine = Source();
        Vote undecided = machine.ApplyEntry(new PrepareCommand(
            new TxnId(1, 1, 1), At(SwitchMs - 100), HlcTimestamp.Zero, [s_source, s_target], Writes(s_first))).Vote!;
        Fence(machine);
        return !undecided.Ok ? "nothing is undecided, so nothing was shown"
            : Switch(machine, SwitchMs).Vote!.Ok ? "the segment is given away before its transactions are decided" : null;
    }

    /// <summary>A transaction with a larger stamp than the switch has relied on the segment.</summary>
    public static string? SwitchBelowWhoRelied()
    {
        ShardMachine machine = Source();
        Vote relied = machine.ApplyEntry(One(SwitchMs + 100, Writes(s_first))).Vote!;
        Fence(machine);
        return !relied.Ok ? "nobody has relied on the segment, so nothing was shown"
            : Switch(machine, SwitchMs).Vote!.Ok ? "the segment is given away before what has happened in it" : null;
    }

    /// <summary>At its new owner a transaction relies on the segment with a smaller stamp than the switch.</summary>
    public static string? ReliesBelowTheSwitch()
    {
        ShardMachine machine = Target(settled: default);
        return machine.ApplyEntry(One(SwitchMs - 100, Writes(s_second))).Vote!.Ok
            ? "a transaction at the new owner comes before the switch"
            : machine.ApplyEntry(One(SwitchMs + 100, Writes(s_second))).Vote!.Ok ? null : "the new owner takes nothing";
    }

    /// <summary>A leader has served a snapshot above the stamp that the switch has: its new owner could write below it.
    /// </summary>
    public static string? SwitchBelowASnapshot()
    {
        ShardMachine machine = Source();
        Fence(machine);
        var leader = new ShardLeader(machine, new HlcClock(5));
        leader.GateSegments([s_first], At(SwitchMs + 100));
        leader.ProposePrepare(s_switch, At(SwitchMs), [s_source, s_target], Gives());
        return machine.ApplyEntry(Proposed(leader)).Vote!.Ok ? "the switch is below a snapshot that was served" : null;
    }

    /// <summary>The switch is proposed and not applied: whoever reads above it must wait for its outcome.</summary>
    public static string? SnapshotAboveAProposedSwitch()
    {
        ShardMachine machine = Source();
        Fence(machine);
        var leader = new ShardLeader(machine, new HlcClock(5));
        leader.ProposePrepare(s_switch, At(SwitchMs), [s_source, s_target], Gives());
        TxnId? proposed = leader.GateSegments([s_first], At(SwitchMs + 100));
        TxnId? below = leader.GateSegments([s_first], At(SwitchMs - 100));
        Command command = Proposed(leader);
        ApplyResult applied = machine.ApplyEntry(command);
        leader.OnApplied(command, applied);
        TxnId? undecided = leader.GateSegments([s_first], At(SwitchMs + 100));
        return !applied.Vote!.Ok ? "the switch was refused, so nothing was shown"
            : below is not null ? "a snapshot below the switch waits for it"
            : proposed != s_switch ? "a snapshot above the switch is served while it is proposed"
            : undecided != s_switch ? "a snapshot above the switch is served while it is undecided" : null;
    }

    /// <summary>A runner has marked, and died before it had staged what changed until then; the next one marks, too. What
    /// changed is kept until it is staged.</summary>
    public static string? MarkBeforeThePassIsStaged()
    {
        ShardMachine machine = Source();
        Out(machine, MoveOutStep.Begin, term: 1, ticket: 1);
        Slot begun = machine.Moves.Find(Segment)!.Mark;
        bool isWritten = machine.ApplyEntry(One(SwitchMs, Writes(s_first))).Vote!.Ok;
        machine.ApplyEntry(new CloseCommand(At(SwitchMs + 100), [], default, 0));
        Out(machine, MoveOutStep.Mark, term: 1, ticket: 2, begun);
        Out(machine, MoveOutStep.Begin, term: 2, ticket: 1, begun);
        Out(machine, MoveOutStep.Mark, term: 2, ticket: 2, begun);
        machine.ApplyEntry(new HorizonCommand(At(SwitchMs + 200)));
        bool isKept = machine.Versions.Find(s_key) is not null;
        Slot marked = machine.Moves.Find(Segment)!.Mark;
        Out(machine, MoveOutStep.Mark, term: 2, ticket: 3, marked);
        machine.ApplyEntry(new HorizonCommand(At(SwitchMs + 200)));
        return !isWritten ? "nothing has changed, so nothing was shown"
            : !isKept ? "what changed is settled before it is staged, and the next pass passes it over"
            : machine.Versions.Find(s_key) is not null ? "what is staged is kept all the same" : null;
    }

    /// <summary>The rows that a segment has left are needed by snapshots below the switch.</summary>
    public static string? PurgeBelowTheSwitch()
    {
        ShardMachine machine = Source();
        machine.ApplyEntry(One(SwitchMs - 500, Writes(s_first)));
        Fence(machine);
        Vote vote = Switch(machine, SwitchMs).Vote!;
        Decide(machine, vote);
        machine.ApplyEntry(new HorizonCommand(At(SwitchMs - 400)));
        var purge = new PurgeCommand(Segment, Job, [s_key], IsLast: true);
        MoveVerdict? early = machine.ApplyEntry(purge).Move;
        bool isThere = Holds(machine);
        machine.ApplyEntry(new HorizonCommand(At(SwitchMs + 1)));
        MoveVerdict? late = machine.ApplyEntry(purge).Move;
        return !vote.Ok ? "the segment was not given away, so nothing was shown"
            : early == MoveVerdict.Done || !isThere ? "rows are collected that a snapshot below the switch may read"
            : late != MoveVerdict.Done || Holds(machine) ? "the rows that a segment has left are not collected" : null;
    }

    /// <summary>What is settled at the source may be above the target's horizon: there it is a version that a
    /// transaction reads.</summary>
    public static string? SettledAboveTheHorizon()
    {
        ShardMachine machine = Target(settled: At(SwitchMs - 300));
        var share = new TransactionShare
        {
            Begin = At(SwitchMs + 100),
            Guards = { s_second },
            Reads = { new KeyRead(s_key, At(SwitchMs - 300)) },
            Writes = { new KeyWrite(s_key, [2]) },
        };
        var one = new OneCommand(
            new TxnId(1, 7, 1), At(SwitchMs + 200), HlcTimestamp.Zero, share, OneMode.Evaluated, machine.Applied, []);
        return machine.Horizon >= At(SwitchMs - 300) ? "the row is below the horizon, so nothing was shown"
            : machine.ApplyEntry(one).Vote!.Ok ? null : "a row that has come settled is taken for one that was never written";
    }

    private static HlcTimestamp At(long ms) => HlcTimestamp.FromPhysicalMs(ms);

    private static bool Holds(ShardMachine machine) =>
        machine.Versions.Find(s_key) is not null || machine.Versions.FindSettled(s_key) is { Value: not null };

    private static ShardMachine Source()
    {
        var machine = new ShardMachine(s_source);
        machine.ApplyEntry(new OneCommand(
            new TxnId(8, 1, 1), At(1_000), HlcTimestamp.Zero, new TransactionShare { NewGuards = { s_first } },
            OneMode.Snapshot, default, []));
        return machine;
    }

    // A target that has the segment, with one row.
    private static ShardMachine Target(HlcTimestamp settled)
    {
        var machine = new ShardMachine(s_target);
        var part = new ByteWriter();
        new KeyCopy { Key = s_key, SettledValue = [1], SettledCstamp = settled }.Write(part);
        In(machine, MoveInStep.Begin, 1, []);
        In(machine, MoveInStep.Stage, 2, part.ToArray());
        Decide(machine, Switch(machine, SwitchMs).Vote!);
        Invariant.Check(machine.Guards.VersionOf(s_second) == s_second.Version, "The segment has come.");
        return machine;
    }

    private static void Fence(ShardMachine machine)
    {
        Out(machine, MoveOutStep.Begin, term: 1, ticket: 1);
        Out(machine, MoveOutStep.Fence, term: 1, ticket: 2);
        Invariant.Check(machine.IsFenced(s_first), "The segment is fenced.");
    }

    private static MoveVerdict? Out(
        ShardMachine machine, MoveOutStep step, ulong term, ulong ticket, Slot staged = default) => machine.ApplyEntry(new MoveOutCommand(new MoveName(Segment, Job, term, ticket), step, [KeyRange.All], staged)).Move;

    private static void In(ShardMachine machine, MoveInStep step, ulong ticket, byte[] part) => machine.ApplyEntry(new MoveInCommand(new MoveName(Segment, Job, 1, ticket), step, [KeyRange.All], part, default, [], default));

    private static TransactionShare Writes(Guard guard) => new()
    {
        Guards = { guard }, Writes = { new KeyWrite(s_key, [1]) },
    };

    private static OneCommand One(long stampMs, TransactionShare share) => new(
        new TxnId(1, (ulong)stampMs, 1), At(stampMs), HlcTimestamp.Zero, share, OneMode.Snapshot, default, []);

    private static TransactionShare Gives() => new()
    {
        NewGuards = { new Guard(GuardKind.Segment, Segment, 0) },
        Switches = { new SegmentSwitch(Segment, Job, 1, true, 0, 0, 1_000, HlcTimestamp.Zero) },
    };

    private static ApplyResult Switch(ShardMachine machine, long stampMs)
    {
        SegmentMove move = machine.Moves.Find(Segment)!;
        TransactionShare takes = new()
        {
            NewGuards = { s_second },
            Switches = { new SegmentSwitch(Segment, Job, 1, false, move.Parts, move.Digest, 1_000, HlcTimestamp.Zero) },
        };
        return machine.ApplyEntry(new PrepareCommand(
            s_switch, At(stampMs), HlcTimestamp.Zero, [s_source, s_target], move.Role == MoveRole.Source ? Gives() : takes));
    }

    private static void Decide(ShardMachine machine, Vote vote)
    {
        Vote other = vote with { Shard = machine.Shard == s_source ? s_target : s_source };
        machine.ApplyEntry(new OutcomeCommand(s_switch, machine.Shard == s_source ? [vote, other] : [other, vote]));
    }

    private static Command Proposed(ShardLeader leader)
    {
        var entry = new ByteWriter();
        leader.TakeEntry(entry, maxBytes: 1);
        var reader = new ByteReader(entry.WrittenSpan);
        return Command.Read(ref reader) ?? throw new InvalidOperationException("Nothing was proposed.");
    }
}
