using System;
using System.Collections.Generic;

using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.TransactionGraph;

namespace ShardSql.Planning.Resharding;

/// <summary>How often segments are touched, from what is known of rows and of the rest of each segment.</summary>
public static class SegmentLoads
{
    /// <summary>The load of each segment of the map as it is: a hot row may have been cut out of the one in which it was
    /// seen.</summary>
    public static Dictionary<SegmentId, long> Of(SystemState state, TransactionGraphSnapshot known)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(known);
        var loads = new Dictionary<SegmentId, long>();
        for (int i = 0; i < known.Vertices.Count; i++)
        {
            GraphVertex vertex = known.Vertices[i];
            Segment? segment = vertex.Key is { } key && state.Catalog.Find(vertex.TableId) is { } table
                ? RowKeyText.SegmentOf(state.Map, table, key)
                : null;
            SegmentId id = segment?.Id ?? vertex.Segment;
            loads[id] = loads.GetValueOrDefault(id) + known.Graph.VertexWeights[i];
        }

        return loads;
    }
}
