using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Transactions.Moves;

/// <summary>What became of a step of a move. Numbers are part of the wire format.</summary>
public enum MoveVerdict : byte
{
    /// <summary>It is done.</summary>
    Done = 0,

    /// <summary>A newer runner has the move, or the step comes too late.</summary>
    Stale = 1,

    /// <summary>The shard knows of no such move.</summary>
    Unknown = 2,

    /// <summary>The switch is on its way; its outcome comes first.</summary>
    Switching = 3,

    /// <summary>Rows that another move has left lie in the segment's ranges.</summary>
    Occupied = 4,
}

/// <summary>The moves that a shard has a part in, by segment.</summary>
public sealed class MoveTable
{
    private readonly SortedDictionary<uint, SegmentMove> _moves = [];

    /// <summary>All of them.</summary>
    public IReadOnlyCollection<SegmentMove> All => _moves.Values;

    /// <summary>The highest horizon that moves on their way allow.</summary>
    public HlcTimestamp Pin
    {
        get
        {
            HlcTimestamp pin = HlcTimestamp.Infinity;
            foreach (SegmentMove move in _moves.Values)
            {
                pin = HlcTimestamp.Min(pin, move.Pin);
            }

            return pin;
        }
    }

    /// <summary>Whether rows wait to be collected until a later horizon.</summary>
    public bool WaitsForHorizon(HlcTimestamp horizon)
    {
        foreach (SegmentMove move in _moves.Values)
        {
            if (move.Role == MoveRole.Former && move.Until > horizon)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The move of a segment, or null.</summary>
    public SegmentMove? Find(uint segment) => _moves.GetValueOrDefault(segment);

    /// <summary>The move of a segment in which the shard has a role, or null.</summary>
    public SegmentMove? Find(uint segment, MoveRole role) =>
        _moves.TryGetValue(segment, out SegmentMove? move) && move.Role == role ? move : null;

    /// <summary>Adds a move; there is none of its segment.</summary>
    public void Add(SegmentMove move)
    {
        System.ArgumentNullException.ThrowIfNull(move);
        _moves.Add(move.Segment, move);
    }

    /// <summary>Forgets the move of a segment.</summary>
    public void Remove(uint segment) => _moves.Remove(segment);

    /// <summary>Whether rows of another segment's move lie in the ranges.</summary>
    public bool IsOccupied(uint segment, IReadOnlyList<KeyRange> ranges)
    {
        System.ArgumentNullException.ThrowIfNull(ranges);
        foreach (SegmentMove move in _moves.Values)
        {
            if (move.Role != MoveRole.Source && (move.Segment != segment || move.Role == MoveRole.Former)
                && Overlap(move.Ranges, ranges))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Whether the shard owned the segment of a guard at a snapshot, and still holds what it had then: a snapshot below
    /// the switch may be served by the former owner.
    /// </summary>
    public bool Owned(Guard guard, HlcTimestamp begin) =>
        guard.Kind == GuardKind.Segment && Find(guard.Id, MoveRole.Former) is { } former
        && former.Epoch == guard.Version && guard.Version != 0 && begin < former.Until;

    /// <summary>Writes the table.</summary>
    public void Write(ByteWriter writer)
    {
        System.ArgumentNullException.ThrowIfNull(writer);
        writer.WriteVarint((ulong)_moves.Count);
        foreach (SegmentMove move in _moves.Values)
        {
            move.Write(writer);
        }
    }

    /// <summary>Reads a table.</summary>
    public static MoveTable Read(ref ByteReader reader)
    {
        var table = new MoveTable();
        for (int i = reader.ReadCount(40); i > 0 && !reader.Failed; i--)
        {
            table.Add(SegmentMove.Read(ref reader));
        }

        return table;
    }

    /// <summary>Writes ranges.</summary>
    public static void WriteRanges(ByteWriter writer, IReadOnlyList<KeyRange> ranges)
    {
        System.ArgumentNullException.ThrowIfNull(writer);
        System.ArgumentNullException.ThrowIfNull(ranges);
        writer.WriteVarint((ulong)ranges.Count);
        foreach (KeyRange range in ranges)
        {
            writer.WriteRange(range);
        }
    }

    /// <summary>Reads ranges.</summary>
    public static List<KeyRange> ReadRanges(ref ByteReader reader)
    {
        var ranges = new List<KeyRange>();
        for (int i = reader.ReadCount(2); i > 0; i--)
        {
            ranges.Add(reader.ReadRange());
        }

        return ranges;
    }

    private static bool Overlap(IReadOnlyList<KeyRange> left, IReadOnlyList<KeyRange> right)
    {
        foreach (KeyRange one in left)
        {
            foreach (KeyRange other in right)
            {
                if (one.Overlaps(other))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
