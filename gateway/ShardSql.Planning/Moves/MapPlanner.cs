using System;
using System.Collections.Generic;

using ShardSql.Execution;
using ShardSql.Planning.Maps;
using ShardSql.Primitives;

namespace ShardSql.Planning.Moves;

/// <summary>A range of routing keys and the shard that is to own it.</summary>
/// <param name="GroupId">The colocation group.</param>
/// <param name="Range">The keys.</param>
/// <param name="To">The shard.</param>
public sealed record RangeMove(uint GroupId, KeyRange Range, ShardId To);

/// <summary>The steps from a shard map to one that is wanted. Pure: the same map and wishes give the same steps.</summary>
public static class MapPlanner
{
    /// <summary>Keys of one step at most: a step is one transaction.</summary>
    public const int KeysOfStepMax = 256;

    /// <summary>Moves whole segments, those that are there already left out.</summary>
    public static IReadOnlyList<MapStep> MoveSegments(IEnumerable<Segment> segments, ShardId to)
    {
        ArgumentNullException.ThrowIfNull(segments);
        var steps = new List<MapStep>();
        foreach (Segment segment in segments)
        {
            if (segment.Shard != to)
            {
                steps.Add(Move(segment.GroupId, segment.Range, segment.Shard, to));
            }
        }

        return steps;
    }

    /// <summary>Begins segments at keys of a group, those left out where one begins already.</summary>
    public static IReadOnlyList<MapStep> Split(ShardMap map, uint groupId, IEnumerable<byte[]> keys)
    {
        ArgumentNullException.ThrowIfNull(map);
        var wanted = new SortedSet<byte[]>(keys, ByteKeyComparer.Instance);
        wanted.RemoveWhere(key => IsBoundary(map, key));
        return Chunks(MapStepKind.Split, groupId, wanted);
    }

    /// <summary>Makes segments of a group of these ranges, and gives each to a shard. What lies in one range is moved where it
    /// must be and joined.</summary>
    /// <param name="map">The map as it is.</param>
    /// <param name="groupId">The group.</param>
    /// <param name="wanted">Ranges that follow each other and are all of the group.</param>
    public static IReadOnlyList<MapStep> Arrange(
        ShardMap map, uint groupId, IReadOnlyList<(KeyRange Range, ShardId To)> wanted)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(wanted);
        var starts = new SortedSet<byte[]>(ByteKeyComparer.Instance);
        var moves = new List<MapStep>();
        foreach ((KeyRange range, ShardId to) in wanted)
        {
            starts.Add(range.Start);
            foreach (Segment segment in map.Overlapping(range))
            {
                if (segment.Shard != to)
                {
                    moves.Add(Move(groupId, Clip(segment.Range, range), segment.Shard, to));
                }
            }
        }

        var joined = new SortedSet<byte[]>(ByteKeyComparer.Instance);
        foreach (Segment segment in map.OfGroup(groupId))
        {
            if (!starts.Contains(segment.Range.Start))
            {
                joined.Add(segment.Range.Start);
            }
        }

        return [.. Split(map, groupId, starts), .. moves, .. Chunks(MapStepKind.Join, groupId, joined)];
    }

    /// <summary>Joins neighbours.</summary>
    /// <param name="parts">The segments in the order of their keys, on one shard.</param>
    public static IReadOnlyList<MapStep> Join(IReadOnlyList<Segment> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var keys = new SortedSet<byte[]>(ByteKeyComparer.Instance);
        for (int i = 1; i < parts.Count; i++)
        {
            keys.Add(parts[i].Range.Start);
        }

        return Chunks(MapStepKind.Join, parts[0].GroupId, keys);
    }

    /// <summary>
    /// Gives ranges to shards: they are cut out and moved one after another. Ranges that are where they should be are left
    /// out; none may overlap another.
    /// </summary>
    /// <param name="map">The map as it is.</param>
    /// <param name="moves">The ranges, in any order.</param>
    /// <param name="coalesces">Whether they are joined with neighbours that have the same owner in the end: right for single
    /// rows (sharding.md §5).</param>
    public static IReadOnlyList<MapStep> MoveRanges(ShardMap map, IReadOnlyList<RangeMove> moves, bool coalesces)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(moves);
        var groups = new SortedDictionary<uint, List<RangeMove>>();
        foreach (RangeMove move in moves)
        {
            if (!groups.TryGetValue(move.GroupId, out List<RangeMove>? group))
            {
                group = [];
                groups.Add(move.GroupId, group);
            }

            group.Add(move);
        }

        var steps = new List<MapStep>();
        foreach ((uint group, List<RangeMove> ofGroup) in groups)
        {
            AddGroup(steps, map, group, ofGroup, coalesces);
        }

        return steps;
    }

    private static void AddGroup(
        List<MapStep> steps, ShardMap map, uint group, List<RangeMove> moves, bool coalesces)
    {
        moves.Sort(static (a, b) => ByteKeyComparer.Instance.Compare(a.Range.Start, b.Range.Start));
        var parts = new List<MapStep>();
        foreach (RangeMove move in moves)
        {
            foreach (Segment segment in map.Overlapping(move.Range))
            {
                if (segment.Shard != move.To)
                {
                    Add(parts, group, Clip(segment.Range, move.Range), segment, move.To);
                }
            }
        }

        var edges = new SortedSet<byte[]>(ByteKeyComparer.Instance);
        foreach (MapStep part in parts)
        {
            edges.Add(part.Range.Start);
            if (part.Range.End is { } end && end.AsSpan().StartsWith(RowKeyLayout.GroupPrefix(group)))
            {
                edges.Add(end);
            }
        }

        steps.AddRange(Split(map, group, edges));
        steps.AddRange(parts);
        if (!coalesces)
        {
            return;
        }

        foreach (MapStep join in Chunks(MapStepKind.Join, group, Joined(map, group, edges, parts)))
        {
            steps.Add(join with { IsOptional = true });
        }
    }

    // What lies side by side, inside one segment, and goes to one shard goes as one.
    private static void Add(List<MapStep> parts, uint group, KeyRange range, Segment segment, ShardId to)
    {
        if (parts.Count > 0 && parts[^1] is { } last && last.To == to && last.From == segment.Shard
            && last.Range.End is { } end && ByteKeyComparer.Instance.Equals(end, range.Start)
            && !ByteKeyComparer.Instance.Equals(segment.Range.Start, range.Start))
        {
            parts[^1] = last with { Range = last.Range with { End = range.End } };
            return;
        }

        parts.Add(Move(group, range, segment.Shard, to));
    }

    /// <summary>The edges of what has moved that divide nothing any more: both sides have one owner.</summary>
    private static SortedSet<byte[]> Joined(ShardMap map, uint group, SortedSet<byte[]> edges, List<MapStep> parts)
    {
        var owners = new SortedDictionary<byte[], ShardId>(ByteKeyComparer.Instance);
        foreach (Segment segment in map.OfGroup(group))
        {
            owners[segment.Range.Start] = segment.Shard;
        }

        foreach (byte[] edge in edges)
        {
            owners[edge] = map.Find(edge)!.Shard;
        }

        foreach (MapStep part in parts)
        {
            owners[part.Range.Start] = part.To;
        }

        var joined = new SortedSet<byte[]>(ByteKeyComparer.Instance);
        ShardId? left = null;
        foreach ((byte[] start, ShardId owner) in owners)
        {
            if (owner == left && edges.Contains(start))
            {
                joined.Add(start);
            }

            left = owner;
        }

        return joined;
    }

    private static KeyRange Clip(KeyRange a, KeyRange b) => Access.KeyBuilder.Intersect(a, b);

    private static bool IsBoundary(ShardMap map, byte[] key) =>
        map.Find(key) is { } segment && ByteKeyComparer.Instance.Equals(segment.Range.Start, key);

    private static MapStep Move(uint group, KeyRange range, ShardId from, ShardId to) =>
        new() { Kind = MapStepKind.Move, GroupId = group, Range = range, From = from, To = to };

    private static List<MapStep> Chunks(MapStepKind kind, uint group, SortedSet<byte[]> keys)
    {
        var steps = new List<MapStep>();
        var chunk = new List<byte[]>();
        foreach (byte[] key in keys)
        {
            chunk.Add(key);
            if (chunk.Count == KeysOfStepMax)
            {
                steps.Add(new MapStep { Kind = kind, GroupId = group, Keys = chunk });
                chunk = [];
            }
        }

        if (chunk.Count > 0)
        {
            steps.Add(new MapStep { Kind = kind, GroupId = group, Keys = chunk });
        }

        return steps;
    }
}
