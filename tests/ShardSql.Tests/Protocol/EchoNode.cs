using System.Threading;
using System.Threading.Tasks;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;

namespace ShardSql.Tests.Protocol;

/// <summary>A node that sends every frame back.</summary>
internal sealed class EchoNode : INodeEndpoint
{
    public static GrpcServices Services() => new GrpcServices().AddNode(new EchoNode());

    public async Task PeerAsync(IDuplexChannel<NodeFrame, NodeFrame> channel, CancellationToken cancellationToken)
    {
        while (await channel.ReceiveAsync(cancellationToken) is { } frame)
        {
            await channel.SendAsync(frame, cancellationToken);
        }
    }

    public ClusterDescription Describe() => new();

    public Task<AdoptReply> AdoptAsync(ClusterDescription layout, CancellationToken cancellationToken) =>
        Task.FromResult(new AdoptReply { Version = layout.Version });
}
