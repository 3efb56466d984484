using ShardSql.Primitives;
using ShardSql.Transactions.Moves;

namespace ShardSql.Transactions;

/// <summary>
/// Segments that come and go (sharding.md §2). Every step is a log entry. The switch itself is a transaction like any
/// other: the guard that it sets comes after all that relied on the segment at the source, and before all that relies on
/// it at the target, so one stamp stands for all read stamps, of keys and ranges, that the source has of it.
/// </summary>
public sealed partial class ShardMachine
{
    /// <summary>Segments that come and go.</summary>
    public MoveTable Moves { get; private set; } = new();

    /// <summary>Whether a guard's segment is fenced for a move.</summary>
    public bool IsFenced(Guard guard) =>
        guard.Kind == GuardKind.Segment && Moves.Find(guard.Id, MoveRole.Source) is { IsFenced: true };

    /// <summary>The undecided transaction that gives a segment away or takes it, or null.</summary>
    public Register? SwitchOf(uint segment)
    {
        foreach (Register setter in Fences.HoldersOf(new Guard(GuardKind.Segment, segment, 0), sets: true))
        {
            return setter;
        }

        return null;
    }

    private MoveVerdict ApplyMoveOut(MoveOutCommand command)
    {
        MoveName name = command.Name;
        SegmentMove? move = Moves.Find(name.Segment);
        if (move is { Role: not MoveRole.Source } || (move is null && command.Step != MoveOutStep.Begin))
        {
            return MoveVerdict.Unknown;
        }

        if (move is not null && Refusal(move, name) is { } refusal)
        {
            return refusal;
        }

        if (SwitchOf(name.Segment) is not null)
        {
            return MoveVerdict.Switching;
        }

        if (move is null)
        {
            move = new SegmentMove
            {
                Segment = name.Segment, Job = name.Job, Role = MoveRole.Source, Ranges = command.Ranges, Mark = Applied,
            };
            move.Pin = move.NextPin = PinOf();
            Moves.Add(move);
        }

        (move.Term, move.Ticket) = (name.Term, name.Ticket);
        Step(move, command);
        return MoveVerdict.Done;
    }

    private void Step(SegmentMove move, MoveOutCommand command)
    {
        switch (command.Step)
        {
            case MoveOutStep.Mark:
                move.Pin = command.Staged == move.Mark ? move.NextPin : move.Pin;
                move.NextPin = PinOf();
                move.Mark = Applied;
                break;
            case MoveOutStep.Fence:
                move.IsFenced = true;
                break;
            case MoveOutStep.Unfence:
                move.IsFenced = false;
                break;
            case MoveOutStep.End:
                Moves.Remove(move.Segment);
                break;
            default:
                break;
        }
    }

    // Below every stamp that can still be installed: new ones are above the closed stamp, undecided ones have theirs.
    private HlcTimestamp PinOf()
    {
        HlcTimestamp pin = Closed;
        foreach (Register undecided in Registers.Undecided)
        {
            pin = HlcTimestamp.Min(pin, new HlcTimestamp(undecided.Stamp.Time - 1, undecided.Stamp.Source));
        }

        return pin;
    }

    private MoveVerdict ApplyMoveIn(MoveInCommand command)
    {
        MoveName name = command.Name;
        SegmentMove? move = Moves.Find(name.Segment, MoveRole.Target);
        if (move is not null && Refusal(move, name) is { } refusal)
        {
            return refusal;
        }

        if (SwitchOf(name.Segment) is not null)
        {
            return MoveVerdict.Switching;
        }

        if (move is null)
        {
            if (command.Step != MoveInStep.Begin)
            {
                return MoveVerdict.Unknown;
            }

            if (Moves.Find(name.Segment) is not null || Moves.IsOccupied(name.Segment, command.Ranges))
            {
                return MoveVerdict.Occupied;
            }

            move = new SegmentMove
            {
                Segment = name.Segment, Job = name.Job, Role = MoveRole.Target, Ranges = command.Ranges, Pin = Horizon,
            };
            Moves.Add(move);
        }

        (move.Term, move.Ticket) = (name.Term, name.Ticket);
        if (command.Step == MoveInStep.End)
        {
            move.Role = MoveRole.Former;
            move.Pin = HlcTimestamp.Infinity;
        }
        else if (command.Step == MoveInStep.Stage)
        {
            Stage(move, command);
        }

        return MoveVerdict.Done;
    }

    private void Stage(SegmentMove move, MoveInCommand command)
    {
        var reader = new ByteReader(command.Part);
        while (reader.Remaining > 0)
        {
            var copy = KeyCopy.Read(ref reader, Applied);
            Invariant.Check(!reader.Failed, "A staged part is whole.");
            Versions.Replace(copy, Horizon);
        }

        move.Parts++;
        move.Digest = DigestOf(move.Digest, command.Part);
        move.Through = command.Through == default ? move.Through : command.Through;
        move.CopiedTo = command.CopiedTo.Length == 0 ? move.CopiedTo : command.CopiedTo;
        move.Pin = HlcTimestamp.Max(move.Pin, command.Pin);
    }

    /// <summary>The digest of parts, with one more.</summary>
    public static ulong DigestOf(ulong digest, byte[] part) => Hash64.Combine(digest, Hash64.Compute(part));

    private MoveVerdict ApplyPurge(PurgeCommand command)
    {
        if (Moves.Find(command.Segment, MoveRole.Former) is not { } former || former.Job != command.Job)
        {
            return MoveVerdict.Unknown;
        }

        if (Horizon < former.Until)
        {
            return MoveVerdict.Occupied;
        }

        foreach (byte[] key in command.Keys)
        {
            Versions.Replace(new KeyCopy { Key = key }, Horizon);
        }

        if (command.IsLast)
        {
            Moves.Remove(command.Segment);
        }

        return MoveVerdict.Done;
    }

    private static MoveVerdict? Refusal(SegmentMove move, MoveName name)
    {
        if (move.Job != name.Job)
        {
            return MoveVerdict.Occupied;
        }

        if (name.Term < move.Term || (name.Term == move.Term && name.Ticket < move.Ticket))
        {
            return MoveVerdict.Stale;
        }

        return name.Term == move.Term && name.Ticket == move.Ticket ? MoveVerdict.Done : null;
    }

    private void CheckSwitches(ref Window window, TransactionShare share)
    {
        foreach (SegmentSwitch moved in share.Switches)
        {
            SegmentMove? move = Moves.Find(moved.Segment, moved.IsSource ? MoveRole.Source : MoveRole.Target);
            bool isReady = move is not null && move.Job == moved.Job && move.Term == moved.Term
                && (moved.IsSource ? move.IsFenced : move.Parts == moved.Parts && move.Digest == moved.Digest);
            if (!isReady)
            {
                window.Refuse(RefusalReason.StaleMove, null, default);
            }
        }
    }

    private void Switch(TransactionShare share, HlcTimestamp stamp)
    {
        foreach (SegmentSwitch moved in share.Switches)
        {
            SegmentMove move = Moves.Find(moved.Segment)!;
            Moves.Remove(moved.Segment);
            var guard = new Guard(GuardKind.Segment, moved.Segment, 0);
            if (moved.IsSource)
            {
                Moves.Add(new SegmentMove
                {
                    Segment = move.Segment,
                    Job = move.Job,
                    Term = move.Term,
                    Ticket = move.Ticket,
                    Role = MoveRole.Former,
                    Ranges = move.Ranges,
                    Epoch = Guards.VersionOf(guard),
                    Until = stamp,
                });
            }
        }
    }
}
