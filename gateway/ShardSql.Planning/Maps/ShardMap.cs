using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Execution;
using ShardSql.Primitives;

namespace ShardSql.Planning.Maps;

/// <summary>
/// Which shard owns which routing keys: an immutable, versioned, ordered list of segments without gaps or overlaps
/// inside a colocation group (the SegmentMap of the seeds), and the data shards there are.
/// </summary>
public sealed class ShardMap
{
    private readonly Segment[] _segments;

    /// <summary>A map of segments in any order, on shards that are all read.</summary>
    public ShardMap(ulong version, IEnumerable<ShardId> dataShards, IEnumerable<Segment> segments)
        : this(version, Topology.Of(dataShards), segments)
    {
    }

    /// <summary>A map of segments in any order.</summary>
    public ShardMap(ulong version, Topology topology, IEnumerable<Segment> segments)
    {
        ArgumentNullException.ThrowIfNull(topology);
        Version = version;
        Topology = topology;
        _segments = [.. segments];
        Array.Sort(_segments, static (a, b) => ByteKeyComparer.Instance.Compare(a.Range.Start, b.Range.Start));
        CheckOrder(_segments);
    }

    /// <summary>Rises with every change.</summary>
    public ulong Version { get; }

    /// <summary>The segments in the order of their routing keys.</summary>
    public IReadOnlyList<Segment> Segments => _segments;

    /// <summary>How far the data shards have come, and which nodes drain.</summary>
    public Topology Topology { get; }

    /// <summary>The shards that hold segments and are read, in order.</summary>
    public IReadOnlyList<ShardId> DataShards => Topology.Serving;

    /// <summary>The shards on which reference tables are written, in order.</summary>
    public IReadOnlyList<ShardId> CopyShards => Topology.Copies;

    /// <summary>The owner of a routing key; null where its group is not in the map.</summary>
    public Segment? Find(ReadOnlySpan<byte> routingKey)
    {
        int i = LastAtOrBelow(routingKey);
        return i >= 0 && _segments[i].Range.Contains(routingKey) ? _segments[i] : null;
    }

    /// <summary>The segment of an id; null where there is none.</summary>
    public Segment? Find(SegmentId id) => Array.Find(_segments, segment => segment.Id == id);

    /// <summary>The segments that share a key with the range, in order.</summary>
    public IReadOnlyList<Segment> Overlapping(KeyRange routing)
    {
        var found = new List<Segment>();
        for (int i = Math.Max(LastAtOrBelow(routing.Start), 0); i < _segments.Length; i++)
        {
            if (routing.End is not null
                && ByteKeyComparer.Instance.Compare(_segments[i].Range.Start, routing.End) >= 0)
            {
                break;
            }

            if (_segments[i].Range.Overlaps(routing))
            {
                found.Add(_segments[i]);
            }
        }

        return found;
    }

    /// <summary>All segments of a colocation group, in order.</summary>
    public IReadOnlyList<Segment> OfGroup(uint groupId) =>
        Overlapping(KeyRange.Prefix(RowKeyLayout.GroupPrefix(groupId)));

    /// <summary>The next map, with some segments more and those of some group gone.</summary>
    public ShardMap With(IEnumerable<Segment> added, uint? removedGroup = null)
    {
        var segments = new List<Segment>(added);
        foreach (Segment segment in _segments)
        {
            if (segment.GroupId != removedGroup)
            {
                segments.Add(segment);
            }
        }

        return new ShardMap(Version + 1, Topology, segments);
    }

    /// <summary>The next map, with some segments in the place of others.</summary>
    public ShardMap Replace(IReadOnlyList<Segment> before, IReadOnlyList<Segment> after)
    {
        var segments = new List<Segment>(after);
        foreach (Segment segment in _segments)
        {
            if (!before.Contains(segment))
            {
                segments.Add(segment);
            }
        }

        return new ShardMap(Version + 1, Topology, segments);
    }

    private static void CheckOrder(Segment[] segments)
    {
        for (int i = 1; i < segments.Length; i++)
        {
            Invariant.Check(!segments[i - 1].Range.Overlaps(segments[i].Range), "Segments do not overlap.");
        }
    }

    private int LastAtOrBelow(ReadOnlySpan<byte> routingKey)
    {
        int low = 0;
        int high = _segments.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            if (_segments[middle].Range.Start.AsSpan().SequenceCompareTo(routingKey) <= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return high;
    }
}
