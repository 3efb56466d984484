using System;
using System.Globalization;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Dapper;
using ShardSql.Gateway.Hosting;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>
/// A real cluster of 3 nodes and 3 shards on disk, and a data source of it; each test makes its own tables.
/// </summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("shardsql-tests-").FullName;
    private EmbeddedCluster? _cluster;
    private ShardSqlDataSource? _source;
    private int _tables;

    /// <summary>The cluster.</summary>
    public EmbeddedCluster Cluster => _cluster!;

    /// <summary>The way to it.</summary>
    public ShardSqlDataSource Source => _source!;

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        _cluster = await EmbeddedCluster.StartAsync(new EmbeddedClusterOptions
        {
            Name = "tests-" + Guid.NewGuid().ToString("N"),
            Folder = _folder,
            Nodes = 3,
            Shards = 3,
        });
        _source = ShardSqlDataSource.Create(_cluster.ConnectionString);
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        if (_source is not null)
        {
            await _source.DisposeAsync();
        }

        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A table's name that no other test uses.</summary>
    public string NewName(string prefix = "t") =>
        prefix + Interlocked.Increment(ref _tables).ToString(CultureInfo.InvariantCulture);

    /// <summary>Makes a table whose definition says {0} for its name; returns the name.</summary>
    public async Task<string> CreateTableAsync(string definition)
    {
        string name = NewName();
        await ExecuteAsync("CREATE TABLE " + name + " " + definition);
        return name;
    }

    /// <summary>
    /// A table of whole numbers in which keys below 100, below 200 and the others live on three shards.
    /// </summary>
    public Task<string> CreateSpreadTableAsync() => CreateTableAsync(
        "(id integer PRIMARY KEY, n bigint NOT NULL DEFAULT 0) SHARD BY RANGE (id) SPLIT AT VALUES (100), (200)");

    /// <summary>Runs a text on a connection of its own.</summary>
    public async Task<int> ExecuteAsync(string text, object? parameters = null)
    {
        await using ShardSqlConnection connection = await Source.OpenConnectionAsync();
        return await connection.ExecuteAsync(text, parameters);
    }

    /// <summary>The one value of a query, on a connection of its own.</summary>
    public async Task<T?> ScalarAsync<T>(string text, object? parameters = null)
    {
        await using ShardSqlConnection connection = await Source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<T>(text, parameters);
    }
}
