using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Gateway.Hosting;

/// <summary>Makes the storage side for each way to run.</summary>
public interface IStorageFactory
{
    /// <summary>All nodes in this process, and a client that reaches them without sockets.</summary>
    Task<IStorageCluster> StartEmbeddedAsync(EmbeddedClusterOptions options, CancellationToken cancellationToken);

    /// <summary>Writes down a new cluster's layout in the data folder of its first node.</summary>
    Task InitializeAsync(InitOptions options, CancellationToken cancellationToken);

    /// <summary>The node of this process, a client of the cluster, or both, as the role says.</summary>
    Task<IStorageCluster> StartServedAsync(ServeOptions options, CancellationToken cancellationToken);
}
