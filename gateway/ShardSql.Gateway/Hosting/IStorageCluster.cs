using System;
using System.Collections.Generic;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Storage.Client;

namespace ShardSql.Gateway.Hosting;

/// <summary>
/// The storage side of a process, as a gateway and its host see it: nodes that run here, a way to the shards, or both.
/// Disposing of it stops what runs here.
/// </summary>
public interface IStorageCluster : ILayoutHost, IAsyncDisposable
{
    /// <summary>The way to the leaders of the shards.</summary>
    IShardClient Client { get; }

    /// <summary>The cluster's nodes as this process sees them.</summary>
    INodeDirectory Nodes { get; }

    /// <summary>The cluster.</summary>
    Guid ClusterId { get; }

    /// <summary>Shards that hold users' rows: what a first gateway writes down; empty: it must have been
    /// written.</summary>
    IReadOnlyList<ShardId> DataShards { get; }

    /// <summary>What a host offers to other processes beside the gateway; null: no node runs here, or it has a listener
    /// of its own.</summary>
    INodeEndpoint? Node { get; }

    /// <summary>What an operator should know of how nodes of this process found their data: one line each.</summary>
    IReadOnlyList<string> Notices { get; }

    /// <summary>Ends, with the reason, when a node of this process cannot go on; never ends otherwise.</summary>
    Task<Exception> Failed { get; }
}
