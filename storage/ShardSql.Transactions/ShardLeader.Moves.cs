using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Transactions.Moves;

namespace ShardSql.Transactions;

/// <summary>What a leader adds while segments come and go: who waits for a fence, and what was read of a segment.</summary>
public sealed partial class ShardLeader
{
    private readonly SortedDictionary<uint, HlcTimestamp> _segmentsRead = [];
    private readonly SortedDictionary<uint, List<long>> _waitingForFence = [];

    /// <summary>The fenced segment among those that a request relies on, or null.</summary>
    public uint? FencedOf(IReadOnlyList<Guard> guards)
    {
        foreach (Guard guard in guards)
        {
            if (_machine.IsFenced(guard))
            {
                return guard.Id;
            }
        }

        return null;
    }

    /// <summary>Makes a request wait until a segment has gone, or stays.</summary>
    public void WaitForFence(uint segment, long token)
    {
        if (!_waitingForFence.TryGetValue(segment, out List<long>? tokens))
        {
            _waitingForFence[segment] = tokens = [];
        }

        tokens.Add(token);
        Counters.Waits++;
    }

    /// <summary>
    /// Leaves a snapshot's stamp on the segments that it reads, then says whom it must wait for: a switch that comes
    /// before the snapshot, proposed or undecided. What the new owner has committed in between is not here. Null: read
    /// now.
    /// </summary>
    public TxnId? GateSegments(IReadOnlyList<Guard> guards, HlcTimestamp begin)
    {
        foreach (Guard guard in guards)
        {
            if (guard.Kind != GuardKind.Segment)
            {
                continue;
            }

            HlcTimestamp read = _segmentsRead.GetValueOrDefault(guard.Id);
            _segmentsRead[guard.Id] = HlcTimestamp.Max(read, begin);
            if (Setter(guard, begin) is { } setter)
            {
                return setter;
            }
        }

        return null;
    }

    private HlcTimestamp ReadFloorOf(List<SegmentSwitch> switches)
    {
        HlcTimestamp floor = HlcTimestamp.Zero;
        foreach (SegmentSwitch moved in switches)
        {
            floor = HlcTimestamp.Max(floor, _segmentsRead.GetValueOrDefault(moved.Segment));
        }

        return floor;
    }

    private void WakeUnfenced()
    {
        if (_waitingForFence.Count == 0)
        {
            return;
        }

        var open = new List<uint>();
        foreach ((uint segment, List<long> tokens) in _waitingForFence)
        {
            if (!_machine.IsFenced(new Guard(GuardKind.Segment, segment, 0)))
            {
                _woken.AddRange(tokens);
                open.Add(segment);
            }
        }

        open.ForEach(segment => _waitingForFence.Remove(segment));
    }
}
