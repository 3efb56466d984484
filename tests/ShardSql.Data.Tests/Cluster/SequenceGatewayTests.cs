using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Dapper;
using ShardSql.Gateway;
using ShardSql.Protocol;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>Sequences behind several gateways of one cluster, which come and go: no number is given twice.</summary>
[Collection(ClusterCollection.Name)]
public sealed class SequenceGatewayTests(ClusterFixture cluster)
{
    [Theory]
    [InlineData("CACHE 1")]
    [InlineData("CACHE 4")]
    [InlineData("")]
    public async Task Two_gateways_never_give_the_same_number(string options)
    {
        const int Sessions = 3;
        const int Each = 25;
        string name = cluster.NewName();
        await cluster.ExecuteAsync($"CREATE SEQUENCE {name} {options}");
        await using var second = await Second.StartAsync(cluster);
        long[][] given = await Task.WhenAll(Enumerable.Range(0, 2 * Sessions).Select(s => Task.Run(async () =>
        {
            ShardSqlDataSource source = s % 2 == 0 ? cluster.Source : second.Source;
            await using ShardSqlConnection connection = await source.OpenConnectionAsync();
            var numbers = new long[Each];
            for (int i = 0; i < Each; i++)
            {
                numbers[i] = await connection.ExecuteScalarAsync<long>($"SELECT nextval('{name}')");
            }

            return numbers;
        })));
        Assert.Equal(2 * Sessions * Each, given.SelectMany(static n => n).Distinct().Count());
        Assert.All(given, static numbers => Assert.Equal(numbers.Order(), numbers));
    }

    [Fact]
    public async Task A_gateway_that_comes_again_repeats_nothing()
    {
        const int Lives = 4;
        string name = cluster.NewName();
        await cluster.ExecuteAsync($"CREATE TABLE {name} (id serial PRIMARY KEY, life int)");
        var given = new List<int>();
        for (int life = 0; life < Lives; life++)
        {
            await using var gateway = await Second.StartAsync(cluster);
            await using ShardSqlConnection connection = await gateway.Source.OpenConnectionAsync();
            given.AddRange(await connection.QueryAsync<int>(
                $"INSERT INTO {name} (life) VALUES (@life), (@life), (@life) RETURNING id", new { life }));
        }

        Assert.Equal(3 * Lives, given.Distinct().Count());
        Assert.Equal(1, given[0]);
        Assert.Equal(Enumerable.Range(0, Lives).SelectMany(static life => Enumerable.Range((life * 32) + 1, 3)), given);
    }

    [Fact]
    public async Task A_sequence_without_a_cache_is_set_for_all_gateways_at_once()
    {
        string name = cluster.NewName();
        await cluster.ExecuteAsync($"CREATE SEQUENCE {name} CACHE 1");
        await using var second = await Second.StartAsync(cluster);
        await using ShardSqlConnection here = await cluster.Source.OpenConnectionAsync();
        await using ShardSqlConnection there = await second.Source.OpenConnectionAsync();
        Assert.Equal(1, await here.ExecuteScalarAsync<long>($"SELECT nextval('{name}')"));
        Assert.Equal(2, await there.ExecuteScalarAsync<long>($"SELECT nextval('{name}')"));
        await here.ExecuteAsync($"SELECT setval('{name}', 100)");
        Assert.Equal(101, await there.ExecuteScalarAsync<long>($"SELECT nextval('{name}')"));
        Assert.Equal(102, await here.ExecuteScalarAsync<long>($"SELECT nextval('{name}')"));
        await there.ExecuteAsync($"ALTER SEQUENCE {name} RESTART WITH 7");
        Assert.Equal(7, await here.ExecuteScalarAsync<long>($"SELECT nextval('{name}')"));
        await there.ExecuteAsync($"DROP SEQUENCE {name}");
        var gone = await Assert.ThrowsAsync<ShardSqlException>(
            () => here.ExecuteScalarAsync<long>($"SELECT nextval('{name}')"));
        Assert.Equal("42P01", gone.SqlState);
    }

    /// <summary>Another gateway of the cluster.</summary>
    private sealed class Second : IAsyncDisposable
    {
        private readonly string _name = "sequences-" + Guid.NewGuid().ToString("N");
        private readonly GatewayServer _gateway;

        private Second(GatewayServer gateway)
        {
            _gateway = gateway;
            InProcessEndpoints.Register(_name, gateway);
            Source = ShardSqlDataSource.Create($"Server=inproc:{_name}");
        }

        public ShardSqlDataSource Source { get; }

        public static async Task<Second> StartAsync(ClusterFixture cluster)
        {
            GatewayServer gateway = SharedStorage.CreateGateway(cluster.Cluster);
            await gateway.StartAsync(CancellationToken.None);
            return new Second(gateway);
        }

        public async ValueTask DisposeAsync()
        {
            await Source.DisposeAsync();
            await _gateway.DisposeAsync();
            InProcessEndpoints.Unregister(_name);
        }
    }
}
