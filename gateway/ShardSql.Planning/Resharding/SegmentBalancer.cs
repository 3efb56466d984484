using System;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Moves;
using ShardSql.Primitives;

namespace ShardSql.Planning.Resharding;

/// <summary>
/// Moves whole segments from the weightiest shard to the lightest, one after another, as long as that makes the weightiest
/// lighter and it is above its bound. Pure.
/// </summary>
public static class SegmentBalancer
{
    /// <summary>Plans.</summary>
    /// <param name="state">Catalog and map.</param>
    /// <param name="weights">What each segment weighs: its load or its bytes.</param>
    /// <param name="isMeant">Says of a colocation group whether its segments may move.</param>
    /// <param name="options">Bounds.</param>
    public static ReshardPlan Plan(
        SystemState state, IReadOnlyDictionary<SegmentId, long> weights, Predicate<uint> isMeant, ReshardOptions options)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(isMeant);
        ArgumentNullException.ThrowIfNull(options);
        List<ShardId> shards = [.. state.Map.DataShards];
        long[] load = new long[shards.Count];
        var segments = new List<(Segment Segment, long Weight)>[shards.Count];
        for (int shard = 0; shard < shards.Count; shard++)
        {
            segments[shard] = [.. state.Map.Segments.Where(segment => segment.Shard == shards[shard])
                .Select(segment => (segment, weights.GetValueOrDefault(segment.Id)))];
            load[shard] = segments[shard].Sum(static entry => entry.Weight);
            segments[shard].RemoveAll(entry => entry.Weight == 0 || !isMeant(entry.Segment.GroupId));
        }

        int before = Skew.PerMille(load);
        var moved = new SortedDictionary<SegmentId, (Segment Segment, ShardId To)>();
        while (Skew.PerMille(load) > options.BalancePerMille && Next(load, segments) is { } move)
        {
            (Segment segment, long weight) = segments[move.From][move.Index];
            if (!moved.ContainsKey(segment.Id) && moved.Count == options.MovesMax)
            {
                break;
            }

            segments[move.From].RemoveAt(move.Index);
            segments[move.To].Add((segment, weight));
            load[move.From] -= weight;
            load[move.To] += weight;
            moved[segment.Id] = (segment, shards[move.To]);
        }

        int after = Skew.PerMille(load);
        int gain = before <= 1_000 ? 0 : (before - after) * 1_000 / (before - 1_000);
        bool isWorth = gain > 0 && gain >= options.MinGainPerMille;
        return new ReshardPlan(
            isWorth ? [.. moved.Values.Where(static entry => entry.Segment.Shard != entry.To)
                .Select(static entry => new RangeMove(entry.Segment.GroupId, entry.Segment.Range, entry.To))] : [],
            -1,
            -1,
            before,
            isWorth ? after : before,
            gain);
    }

    // Of the weightiest shard the segment that comes nearest to evening it out with the lightest.
    private static (int From, int To, int Index)? Next(long[] load, List<(Segment Segment, long Weight)>[] segments)
    {
        int from = Array.IndexOf(load, load.Max());
        int to = Array.IndexOf(load, load.Min());
        long gap = load[from] - load[to];
        int best = -1;
        for (int i = 0; i < segments[from].Count; i++)
        {
            long weight = segments[from][i].Weight;
            if (weight < gap && (best < 0 || Distance(weight, gap) < Distance(segments[from][best].Weight, gap)))
            {
                best = i;
            }
        }

        return best < 0 ? null : (from, to, best);
    }

    private static long Distance(long weight, long gap) => Math.Abs((2 * weight) - gap);
}
