using System;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Storage.Client;
using ShardSql.Storage.Nodes;
using ShardSql.Transactions;

using Xunit;

namespace ShardSql.Tests.Storage.Client;

/// <summary>What the client says of a request that nobody answered: whether it can have taken effect.</summary>
public sealed class ShardClientTests
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(2);
    private static readonly ShardId s_shard = new(1);

    [Fact]
    public async Task CommitOne_to_a_node_that_is_not_there_surely_did_not_happen()
    {
        Assert.False((await CommitAsync(NewName())).MayHaveHappened);
    }

    [Fact]
    public async Task CommitOne_to_a_node_that_dies_with_the_request_may_have_happened()
    {
        string name = NewName();
        InProcessEndpoints.Register(name, new GrpcServices().AddNode(new DyingNode(name)));
        Assert.True((await CommitAsync(name)).MayHaveHappened);
    }

    private static string NewName() => "dying-" + Guid.NewGuid().ToString("N");

    private static async Task<ShardUnavailableException> CommitAsync(string name)
    {
        ClusterLayout layout = ClusterLayout.Create(
            Guid.NewGuid(), [new NodeAddress(new NodeId(1), GrpcAddress.InProcessPrefix + name)], 1, 1);
        await using var client = new ShardClient(layout, 1, s_timeout, TimeProvider.System);
        var request = new OneRequest { Id = new TxnId(1, 1, 1), Share = new TransactionShare() };
        return await Assert.ThrowsAsync<ShardUnavailableException>(
            () => client.CommitOneAsync(s_shard, request, CancellationToken.None).AsTask());
    }

    /// <summary>Takes one request and is gone, with its streams.</summary>
    private sealed class DyingNode(string name) : INodeEndpoint
    {
        public async Task PeerAsync(IDuplexChannel<NodeFrame, NodeFrame> channel, CancellationToken cancellationToken)
        {
            await channel.ReceiveAsync(cancellationToken);
            await channel.ReceiveAsync(cancellationToken);
            InProcessEndpoints.Unregister(name);
        }

        public ClusterDescription Describe() => new();
    }
}
