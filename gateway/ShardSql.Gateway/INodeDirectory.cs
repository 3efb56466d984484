using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Gateway;

/// <summary>The nodes of the cluster as this process sees them.</summary>
public interface INodeDirectory
{
    /// <summary>All nodes, in the order of their ids.</summary>
    IReadOnlyList<NodeEntry> Nodes { get; }

    /// <summary>All shards, in the order of their ids, as this process knows them without asking.</summary>
    IReadOnlyList<ShardEntry> Shards { get; }
}

/// <summary>One shard.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Leader">Who leads it, as far as is known; node 0: nobody that is known.</param>
/// <param name="Replicas">The nodes that have a replica of it.</param>
public sealed record ShardEntry(ShardId Id, NodeId Leader, IReadOnlyList<NodeId> Replicas);

/// <summary>One node.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Address">Where it listens; "inproc" inside this process.</param>
/// <param name="Role">"node", "gateway" or "both".</param>
/// <param name="IsReachable">Whether it answers now.</param>
/// <param name="Store">Its base store: sqlite, rocksdb, memory.</param>
/// <param name="LastSeenMs">Milliseconds since it was heard of last.</param>
public sealed record NodeEntry(
    NodeId Id, string Address, string Role, bool IsReachable, string Store, long LastSeenMs);
