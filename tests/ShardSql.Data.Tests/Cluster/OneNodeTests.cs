using System;
using System.Threading.Tasks;

using Dapper;

using ShardSql.Gateway.Hosting;

using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>Tests that have a cluster each, in memory, of one node and three shards, and a connection to it. Its history is
/// short: a job waits until no snapshot from before can be read any more.</summary>
public abstract class OneNodeTests : IAsyncLifetime
{
    private static readonly TimeSpan s_history = TimeSpan.FromMilliseconds(500);

    private protected EmbeddedCluster Cluster { get; private set; } = null!;

    private protected ShardSqlDataSource Source { get; private set; } = null!;

    private protected ShardSqlConnection Connection { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Cluster = await EmbeddedCluster.StartAsync(new EmbeddedClusterOptions
        {
            Name = "one-node-" + Guid.NewGuid().ToString("N"), Nodes = 1, Shards = 3, Store = "memory", History = s_history,
        });
        Source = ShardSqlDataSource.Create(Cluster.ConnectionString);
        Connection = await Source.OpenConnectionAsync();
    }

    public async Task DisposeAsync()
    {
        await Connection.DisposeAsync();
        await Source.DisposeAsync();
        await Cluster.DisposeAsync();
    }

    private protected Task<int> ExecuteAsync(string statement) => Connection.ExecuteAsync(statement);

    /// <summary>Runs a statement that begins or drives a job.</summary>
    private protected Task<JobRow> JobAsync(string statement) => Connection.QuerySingleAsync<JobRow>(statement);
}
