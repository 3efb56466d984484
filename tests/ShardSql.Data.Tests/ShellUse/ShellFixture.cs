using System;
using System.Threading.Tasks;
using ShardSql.Gateway.Hosting;
using Xunit;

namespace ShardSql.Data.Tests.ShellUse;

/// <summary>A cluster of the shell's tests alone, so that it holds the tables that they made and no others.</summary>
public sealed class ShellFixture : IAsyncLifetime
{
    private EmbeddedCluster? _cluster;

    /// <summary>The cluster.</summary>
    public EmbeddedCluster Cluster => _cluster!;

    /// <inheritdoc />
    public async Task InitializeAsync() => _cluster = await EmbeddedCluster.StartAsync(new EmbeddedClusterOptions
    {
        Name = "shell-" + Guid.NewGuid().ToString("N"), Nodes = 1, Shards = 2, Store = "memory",
    });

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }
}
