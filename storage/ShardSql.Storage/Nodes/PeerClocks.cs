using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Storage.Nodes;

/// <summary>
/// The other nodes' wall clocks as this one heard of them. A clock that is wrong, or jumps, would close a shard to all
/// that stamp with right ones; so physical time is kept near what most of the nodes say. Safety needs none of it.
/// </summary>
internal sealed class PeerClocks
{
    /// <summary>How far from most of the nodes this one's physical time may be, ms.</summary>
    public const long OffsetMaxMs = 500;

    /// <summary>Between two announcements of a node's clock, ms.</summary>
    public const long AnnounceEveryMs = 250;

    private const long HeardMaxMs = 10_000;
    private const int MajorityNeeds = 3;

    private readonly SortedDictionary<NodeId, Heard> _heard = [];
    private readonly List<long> _offsets = [];

    /// <summary>What was taken off this node's clock the last time, ms; 0 while it agrees with most.</summary>
    public long CorrectionMs { get; private set; }

    /// <summary>A node has said what time it is there.</summary>
    public void Observe(NodeId node, long wallMs, long monotonicMs) =>
        _heard[node] = new Heard(wallMs - monotonicMs, monotonicMs);

    /// <summary>This node's time with a wall clock that most of the nodes would agree with. Fewer than three clocks
    /// have no majority: then it is taken as it is.</summary>
    public NodeTime Correct(NodeTime now)
    {
        _offsets.Clear();
        _offsets.Add(now.WallMs - now.MonotonicMs);
        foreach (Heard peer in _heard.Values)
        {
            if (now.MonotonicMs - peer.AtMs <= HeardMaxMs)
            {
                _offsets.Add(peer.OffsetMs);
            }
        }

        if (_offsets.Count < MajorityNeeds)
        {
            CorrectionMs = 0;
            return now;
        }

        _offsets.Sort();
        long agreed = _offsets[(_offsets.Count - 1) / 2] + now.MonotonicMs;
        long wall = long.Clamp(now.WallMs, agreed - OffsetMaxMs, agreed + OffsetMaxMs);
        CorrectionMs = now.WallMs - wall;
        return now with { WallMs = wall };
    }

    private readonly record struct Heard(long OffsetMs, long AtMs);
}
