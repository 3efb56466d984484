using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Gateway.Hosting;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Storage.Files;
using ShardSql.Storage.Grpc;
using ShardSql.Storage.Nodes;
using Xunit;

namespace ShardSql.Tests.Gateway;

/// <summary>A folder that belongs to one cluster joins no other.</summary>
public sealed class JoinTests : IDisposable
{
    private const string Unreachable = "127.0.0.1:1";

    private readonly string _folder = Directory.CreateTempSubdirectory("shardsql-join-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(ServerRole.Node)]
    [InlineData(ServerRole.Gateway)]
    public async Task Folder_of_another_cluster_is_refused_and_named(ServerRole role)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(180));
        ClusterLayout theirs = ClusterLayout.Create(Guid.NewGuid(), [new NodeAddress(new(1), Unreachable)], 1, 1);
        var services = new GrpcServices().AddNode(new DescribedNode(theirs));
        await using var server = new GrpcKestrelServer(services, new GrpcServerOptions { Listen = "127.0.0.1:0" }, null);
        await server.StartAsync(limit.Token);
        Guid own = await InitAsync(limit.Token);

        DataRefusedException refused = await Assert.ThrowsAsync<DataRefusedException>(
            () => new StorageFactory().StartServedAsync(
                new ServeOptions { Role = role, Data = _folder, Listen = Unreachable, Join = [server.Endpoint] },
                limit.Token));
        Assert.Contains($"data of cluster {own}, expected {theirs.ClusterId}", refused.Message, StringComparison.Ordinal);
        Assert.Contains(server.Endpoint, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folder_starts_when_nobody_it_is_to_join_is_up_yet()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(180));
        Guid own = await InitAsync(limit.Token);
        await using IStorageCluster started = await new StorageFactory().StartServedAsync(
            new ServeOptions { Role = ServerRole.Gateway, Data = _folder, Join = [Unreachable] }, limit.Token);
        Assert.Equal(own, started.ClusterId);
    }

    private async Task<Guid> InitAsync(CancellationToken cancellationToken)
    {
        await new StorageFactory().InitializeAsync(
            new InitOptions { Data = _folder, Nodes = [Unreachable], Shards = 1, Replicas = 1 }, cancellationToken);
        await using IStorageCluster cluster = await new StorageFactory().StartServedAsync(
            new ServeOptions { Role = ServerRole.Gateway, Data = _folder }, cancellationToken);
        return cluster.ClusterId;
    }

    /// <summary>A node that only says which cluster it is of.</summary>
    private sealed class DescribedNode(ClusterLayout layout) : INodeEndpoint
    {
        public Task PeerAsync(IDuplexChannel<NodeFrame, NodeFrame> channel, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ClusterDescription Describe() => layout.ToDescription();

        public Task<AdoptReply> AdoptAsync(ClusterDescription newer, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
