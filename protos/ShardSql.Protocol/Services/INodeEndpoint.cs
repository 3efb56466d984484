using System.Threading;
using System.Threading.Tasks;
using ShardSql.Protocol.Messages;

namespace ShardSql.Protocol;

/// <summary>The storage node's side of <c>shardsql.v1.Node</c>, whichever transport calls it.</summary>
public interface INodeEndpoint
{
    /// <summary>
    /// Serves one peer until it ends the stream. For the token see <see cref="IGatewayEndpoint.SessionAsync"/>.
    /// </summary>
    Task PeerAsync(IDuplexChannel<NodeFrame, NodeFrame> channel, CancellationToken cancellationToken);

    /// <summary>The cluster's nodes and shards, as this node knows them.</summary>
    ClusterDescription Describe();

    /// <summary>Takes a layout that may be newer; answers when the node has it durably.</summary>
    /// <exception cref="GrpcException">FailedPrecondition: it is another cluster's.</exception>
    Task<AdoptReply> AdoptAsync(ClusterDescription layout, CancellationToken cancellationToken);
}
