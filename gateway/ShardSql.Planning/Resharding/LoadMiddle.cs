using System;
using System.Collections.Generic;

using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.TransactionGraph;
using ShardSql.Primitives;

namespace ShardSql.Planning.Resharding;

/// <summary>Where a segment is to be split so that both parts are touched equally often, by what is known of its rows. Pure.
/// </summary>
/// <param name="Key">The routing key at which the right part begins; null: too little is known to tell.</param>
/// <param name="Touches">How often its rows have been touched, of late.</param>
/// <param name="KnownPerMille">Thousandths of these that are of rows which are known one by one.</param>
/// <param name="Keys">Shard keys that are known one by one.</param>
public sealed record LoadMiddle(byte[]? Key, long Touches, int KnownPerMille, int Keys)
{
    /// <summary>Fewer touches say nothing.</summary>
    public const int TouchesMin = 256;

    /// <summary>So much of the load must be of rows that are known one by one: where the rest lies nobody knows.</summary>
    public const int KnownPerMilleMin = 500;

    /// <summary>Finds it.</summary>
    /// <param name="state">Catalog and map.</param>
    /// <param name="known">What is known of transactions.</param>
    /// <param name="segment">The segment.</param>
    public static LoadMiddle Of(SystemState state, TransactionGraphSnapshot known, Segment segment)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(segment);
        var loads = new SortedDictionary<byte[], long>(ByteKeyComparer.Instance);
        (long ofRows, long ofRest) = (0, 0);
        for (int i = 0; i < known.Vertices.Count; i++)
        {
            GraphVertex vertex = known.Vertices[i];
            long weight = known.Graph.VertexWeights[i];
            if (vertex.Key is null)
            {
                ofRest += vertex.Segment == segment.Id ? weight : 0;
            }
            else if (state.Catalog.Find(vertex.TableId) is { } table && table.GroupId == segment.GroupId
                && RoutingKeys.Of(table, vertex.Key) is { } key && segment.Range.Contains(key))
            {
                loads[key] = loads.GetValueOrDefault(key) + weight;
                ofRows += weight;
            }
        }

        long touches = (ofRows + ofRest) / TransactionTelemetry.GraphUnit;
        int share = ofRows == 0 ? 0 : (int)((Int128)ofRows * 1_000 / (ofRows + ofRest));
        bool isEnough = touches >= TouchesMin && share >= KnownPerMilleMin && loads.Count > 1;
        return new LoadMiddle(isEnough ? MiddleOf(loads, ofRows) : null, touches, share, loads.Count);
    }

    private static byte[] MiddleOf(SortedDictionary<byte[], long> loads, long total)
    {
        byte[]? best = null;
        long bestGap = long.MaxValue;
        long left = 0;
        foreach ((byte[] key, long load) in loads)
        {
            long gap = Math.Abs((2 * left) - total);
            if (left > 0 && gap < bestGap)
            {
                (best, bestGap) = (key, gap);
            }

            left += load;
        }

        // Rows that are known have a weight, so that something lies left of the second one.
        Invariant.Check(best is not null, "Two rows that are touched have a middle.");
        return best!;
    }
}
