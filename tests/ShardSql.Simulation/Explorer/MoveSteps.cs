using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Transactions;
using ShardSql.Transactions.Moves;

namespace ShardSql.Simulation.Explorer;

/// <summary>What a machine says of the segment that holds row x.</summary>
/// <param name="Epoch">Of the segment, where it is owned; else 0.</param>
/// <param name="Move">Its move, or null.</param>
/// <param name="Copies">All that is kept of its keys.</param>
internal sealed record SegmentView(ulong Epoch, SegmentMove? Move, IReadOnlyList<KeyCopy> Copies)
{
    public static SegmentView Of(ShardMachine machine)
    {
        var copies = new List<KeyCopy>();
        foreach ((byte[] key, KeyState state) in machine.Versions.Range(MoveSteps.Range))
        {
            copies.Add(new KeyCopy { Key = key, Versions = state.OldestFirst() });
        }

        return new SegmentView(
            machine.Guards.VersionOf(MoveSteps.First), machine.Moves.Find(MoveSteps.Segment), copies);
    }
}

/// <summary>
/// The runner of a move from the first shard to the second, as the explorer sees it: from what the machines say it knows
/// the next steps, and any of them may come at any time (sharding.md §2).
/// </summary>
internal static class MoveSteps
{
    public const uint Segment = 1;

    private const ulong Job = 1;
    private const ulong BeginTicket = 1;
    private const ulong CopyTicket = 2;
    private const ulong FenceTicket = 2;
    private const ulong LastTicket = 3;

    public static readonly KeyRange Range = KeyRange.Prefix("x"u8.ToArray());
    public static readonly Guard First = new(GuardKind.Segment, Segment, 1);
    public static readonly Guard Second = new(GuardKind.Segment, Segment, 2);

    /// <summary>Steps that can be taken now.</summary>
    /// <param name="source">The first shard.</param>
    /// <param name="target">The second.</param>
    /// <param name="atSource">The switch at the first shard, if it is known there.</param>
    public static IEnumerable<(int Shard, Command Step)> Enabled(SegmentView source, SegmentView target, Register? atSource)
    {
        SegmentMove? leaving = source.Move is { Role: MoveRole.Source } move ? move : null;
        SegmentMove? coming = target.Move is { Role: MoveRole.Target } staged ? staged : null;
        if (leaving is null && source.Epoch == First.Version)
        {
            yield return (0, Out(MoveOutStep.Begin, BeginTicket));
        }

        if (leaving is { IsFenced: false, Ticket: BeginTicket })
        {
            if (coming is null)
            {
                yield return (1, In(MoveInStep.Begin, BeginTicket, []));
            }
            else if (coming.Ticket == BeginTicket)
            {
                yield return (1, In(MoveInStep.Stage, CopyTicket, Part(source.Copies, default)));
            }
            else
            {
                yield return (0, Out(MoveOutStep.Fence, FenceTicket));
            }
        }

        if (leaving is { IsFenced: true } && atSource is { State: RegisterState.Undecided } && coming is { Ticket: CopyTicket })
        {
            yield return (1, In(MoveInStep.Stage, LastTicket, Part(source.Copies, leaving.Mark)));
        }

        if (leaving is { IsFenced: true } && atSource is { State: RegisterState.Aborted })
        {
            yield return (0, Out(MoveOutStep.Unfence, LastTicket));
        }
    }

    /// <summary>The switch at the first shard; null: it is not time yet.</summary>
    public static TransactionShare? SourceShare(SegmentView source) =>
        source.Move is not { Role: MoveRole.Source, IsFenced: true } ? null : new TransactionShare
        {
            NewGuards = { First with { Version = 0 } },
            Switches = { new SegmentSwitch(Segment, Job, 1, true, 0, 0, 0, HlcTimestamp.Zero) },
        };

    /// <summary>The switch at the second shard, for what is staged there; null: it is not all.</summary>
    public static TransactionShare? TargetShare(SegmentView target) =>
        target.Move is not { Role: MoveRole.Target, Ticket: LastTicket } coming ? null : new TransactionShare
        {
            NewGuards = { Second },
            Switches = { new SegmentSwitch(Segment, Job, 1, false, coming.Parts, coming.Digest, 0, HlcTimestamp.Zero) },
        };

    /// <summary>Where a step stands among those of its shard, or null for what is no step.</summary>
    public static ulong? TicketOf(Command command) => command switch
    {
        MoveOutCommand step => step.Name.Ticket,
        MoveInCommand step => step.Name.Ticket,
        _ => null,
    };

    private static byte[] Part(IReadOnlyList<KeyCopy> copies, Slot since)
    {
        var part = new ByteWriter();
        foreach (KeyCopy copy in copies)
        {
            if (copy.Versions[^1].InstalledAt > since)
            {
                copy.Write(part);
            }
        }

        return part.ToArray();
    }

    private static MoveOutCommand Out(MoveOutStep step, ulong ticket) =>
        new(new MoveName(Segment, Job, 1, ticket), step, [Range], default);

    private static MoveInCommand In(MoveInStep step, ulong ticket, byte[] part) =>
        new(new MoveName(Segment, Job, 1, ticket), step, [Range], part, default, [], default);
}
