using System;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Plans;
using ShardSql.Sql;

namespace ShardSql.Planning.Ddl;

/// <summary>Changes of the data shards there are, and of the nodes that drain (sharding.md §1).</summary>
public static class TopologyChanges
{
    /// <summary>The change to another topology, or to a new version of the map with the same one. Where shards come or go, the
    /// versions of reference tables rise on all that have copies, before and afterwards.</summary>
    public static DdlChange To(SystemState state, Topology topology)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(topology);
        var edit = new CatalogEdit(state);
        edit.Put(topology);
        return edit.ToChange();
    }
}
