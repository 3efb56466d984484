using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Storage.Nodes;

namespace ShardSql.Gateway.Hosting;

/// <summary>Who holds the cluster's layout in a process, and brings a newer one to the nodes.</summary>
public interface ILayoutHost
{
    /// <summary>The newest that this process has.</summary>
    ClusterLayout Layout { get; }

    /// <summary>
    /// Takes a newer layout, and brings it to every node of the one before and of this that can be reached. An older or equal
    /// one changes nothing here and is brought to nobody who has a newer one.
    /// </summary>
    /// <returns>The nodes that have it, or a newer one, durably.</returns>
    Task<IReadOnlyList<NodeId>> AdoptAsync(ClusterLayout layout, CancellationToken cancellationToken);
}
