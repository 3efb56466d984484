using System;
using System.Data;
using System.Data.Common;
using System.Threading.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using ShardSql.Data.Tests.Fake;
using ShardSql.Sql.Values;
using Xunit;

namespace ShardSql.Data.Tests.Hosting;

/// <summary>Registration with a service collection, and the health check.</summary>
public sealed class ServiceCollectionTests
{
    private const string Question = "SELECT shards, shards_with_leader FROM shard.cluster_details";

    [Fact]
    public async Task AddShardSqlDataSource_registers_one_source_and_new_connections()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT 1", FakeResult.Int32(1));
        ShardSqlDataSource source;
        await using (ServiceProvider services = new ServiceCollection()
            .AddShardSqlDataSource(gateway.ConnectionString).BuildServiceProvider())
        {
            source = services.GetRequiredService<ShardSqlDataSource>();
            Assert.Same(source, services.GetRequiredService<DbDataSource>());
            await using ShardSqlConnection connection = services.GetRequiredService<ShardSqlConnection>();
            await using DbConnection other = services.GetRequiredService<DbConnection>();
            Assert.NotSame(connection, other);
            Assert.Equal(ConnectionState.Closed, connection.State);
            await connection.OpenAsync();
            Assert.Equal(1, await new ShardSqlCommand("SELECT 1", connection).ExecuteScalarAsync());
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await source.OpenConnectionAsync());
    }

    [Fact]
    public async Task AddShardSqlDataSource_hands_builder_and_services_over_and_keeps_what_is_there()
    {
        using var gateway = new FakeGateway();
        var time = new ManualTimeProvider();
        await using ServiceProvider services = new ServiceCollection()
            .AddSingleton<TimeProvider>(time)
            .AddShardSqlDataSource(
                connectionString: null,
                (provider, builder) =>
                {
                    builder.ConnectionStringBuilder.Server = gateway.Address;
                    builder.UseTimeProvider(provider.GetRequiredService<TimeProvider>());
                },
                ServiceLifetime.Scoped)
            .AddShardSqlDataSource("Server=nowhere", builder => throw new InvalidOperationException("is not called"))
            .BuildServiceProvider(validateScopes: true);
        Assert.Equal($"Server={gateway.Address}", services.GetRequiredService<ShardSqlDataSource>().ConnectionString);
        await using AsyncServiceScope scope = services.CreateAsyncScope();
        ShardSqlConnection connection = scope.ServiceProvider.GetRequiredService<ShardSqlConnection>();
        Assert.Same(connection, scope.ServiceProvider.GetRequiredService<DbConnection>());
        await connection.OpenAsync();
    }

    [Fact]
    public async Task AddShardSqlDataSource_with_keys_registers_several_clusters()
    {
        using var left = new FakeGateway();
        using var right = new FakeGateway();
        await using ServiceProvider services = new ServiceCollection()
            .AddShardSqlDataSource(left.ConnectionString, serviceKey: "left")
            .AddShardSqlDataSource(right.ConnectionString, serviceKey: "right")
            .BuildServiceProvider();
        Assert.Null(services.GetService<ShardSqlDataSource>());
        foreach ((string key, FakeGateway gateway) in new[] { ("left", left), ("right", right) })
        {
            Assert.Same(
                services.GetRequiredKeyedService<ShardSqlDataSource>(key), services.GetRequiredKeyedService<DbDataSource>(key));
            await using ShardSqlConnection connection = services.GetRequiredKeyedService<ShardSqlConnection>(key);
            await connection.OpenAsync();
            Assert.Equal(gateway.Address, connection.DataSource);
            Assert.IsType<ShardSqlConnection>(services.GetRequiredKeyedService<DbConnection>(key));
        }
    }

    [Theory]
    [InlineData(3, 3, HealthStatus.Healthy)]
    [InlineData(3, 2, HealthStatus.Degraded)]
    public async Task AddShardSql_tells_whether_all_shards_are_served(int shards, int served, HealthStatus expected)
    {
        using var gateway = new FakeGateway();
        gateway.On(Question, FakeResult.Of(
            [FakeResult.Column("shards", SqlType.Int32), FakeResult.Column("shards_with_leader", SqlType.Int32)],
            [[SqlValue.FromInt32(shards), SqlValue.FromInt32(served)]]));
        HealthReportEntry entry = await CheckAsync(gateway.ConnectionString, "shardsql", builder => builder.AddShardSql());
        Assert.Equal(expected, entry.Status);
        Assert.Equal($"{served} of {shards} shards are served", entry.Description);
        Assert.Equal(served, entry.Data["shards_with_leader"]);
    }

    [Fact]
    public async Task AddShardSql_without_a_gateway_reports_the_status_that_was_registered()
    {
        HealthReportEntry entry = await CheckAsync(
            $"Server=inproc:{Guid.NewGuid():N};Timeout=1",
            "database",
            builder => builder.AddShardSql("database", HealthStatus.Degraded, ["ready"]));
        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.StartsWith("08001: ", entry.Description, StringComparison.Ordinal);
        Assert.IsType<ShardSqlException>(entry.Exception);
        Assert.Equal(["ready"], entry.Tags);
    }

    private static async Task<HealthReportEntry> CheckAsync(
        string connectionString, string name, Action<IHealthChecksBuilder> add)
    {
        IServiceCollection collection = new ServiceCollection().AddLogging().AddShardSqlDataSource(connectionString);
        add(collection.AddHealthChecks());
        await using ServiceProvider services = collection.BuildServiceProvider();
        HealthReport report = await services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        return report.Entries[name];
    }
}
