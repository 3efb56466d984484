using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using ShardSql.Data.Tests.Fake;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using Xunit;

namespace ShardSql.Data.Tests.Connections;

public sealed class HostTests
{
    [Fact]
    public async Task Sessions_spread_over_the_hosts()
    {
        using var first = new FakeGateway();
        using var second = new FakeGateway();
        await using ShardSqlDataSource source = ShardSqlDataSource.Create($"Server={first.Address},{second.Address}");
        await using ShardSqlConnection one = await source.OpenConnectionAsync();
        await using ShardSqlConnection two = await source.OpenConnectionAsync();
        Assert.Single(first.Sessions);
        Assert.Single(second.Sessions);
    }

    [Fact]
    public async Task Without_load_balancing_the_first_host_that_answers_is_used()
    {
        using var first = new FakeGateway();
        using var second = new FakeGateway();
        await using ShardSqlDataSource source = ShardSqlDataSource.Create(
            $"Server={first.Address},{second.Address};Load Balance Hosts=false");
        await using ShardSqlConnection one = await source.OpenConnectionAsync();
        await using ShardSqlConnection two = await source.OpenConnectionAsync();
        Assert.Equal(2, first.Sessions.Count);
        Assert.Empty(second.Sessions);
    }

    [Fact]
    public async Task The_next_host_is_tried_before_an_error_is_given()
    {
        using var dead = new FakeGateway();
        using var alive = new FakeGateway();
        dead.Dispose();
        await using ShardSqlDataSource source = ShardSqlDataSource.Create(
            $"Server={dead.Address},{alive.Address};Load Balance Hosts=false");
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        Assert.Equal(alive.Address, connection.DataSource);
    }

    [Theory]
    [InlineData("57P01")]
    [InlineData("57P03")]
    [InlineData("53300")]
    public async Task A_host_that_cannot_serve_now_is_passed_over(string sqlState)
    {
        using var draining = new FakeGateway();
        using var alive = new FakeGateway();
        draining.OnHello = _ => new Error { SqlState = sqlState, Message = "not now" };
        await using ShardSqlDataSource source = ShardSqlDataSource.Create(
            $"Server={draining.Address},{alive.Address};Load Balance Hosts=false");
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        Assert.Equal(alive.Address, connection.DataSource);
    }

    [Fact]
    public async Task A_host_that_failed_is_tried_last_until_the_recheck_time_is_over()
    {
        var time = new ManualTimeProvider();
        using var first = new FakeGateway();
        using var second = new FakeGateway();
        int asked = 0;
        first.OnHello = _ =>
        {
            asked++;
            return asked == 1 ? new Error { SqlState = "57P01", Message = "draining" } : null;
        };
        await using ShardSqlDataSource source = new ShardSqlDataSourceBuilder(
            $"Server={first.Address},{second.Address};Load Balance Hosts=false;Host Recheck Seconds=10")
            .UseTimeProvider(time).Build();
        await using ShardSqlConnection one = await source.OpenConnectionAsync();
        await using ShardSqlConnection two = await source.OpenConnectionAsync();
        Assert.Equal(1, asked);

        time.Advance(TimeSpan.FromSeconds(10));

        await using ShardSqlConnection three = await source.OpenConnectionAsync();
        Assert.Equal(first.Address, three.DataSource);
    }

    [Fact]
    public async Task All_hosts_down_gives_08001_that_lists_each()
    {
        string[] names = ["inproc:no-such-a", "inproc:no-such-b"];
        await using ShardSqlDataSource source = ShardSqlDataSource.Create($"Server={string.Join(',', names)}");
        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(
            () => source.OpenConnectionAsync().AsTask());
        Assert.Equal(SqlStates.CannotConnect, error.SqlState);
        Assert.True(error.IsTransient);
        Assert.All(names, name => Assert.Contains(name, error.Message, StringComparison.Ordinal));
        Assert.Equal((0, 0, 0), source.PoolCounts);
    }

    [Fact]
    public async Task Hosts_that_do_not_greet_give_08001_after_the_timeout()
    {
        using var silent = new FakeGateway();
        var time = new ManualTimeProvider();
        var never = new TaskCompletionSource();
        var arrived = new TaskCompletionSource();
        silent.BeforeHello = _ =>
        {
            arrived.TrySetResult();
            return never.Task;
        };
        await using ShardSqlDataSource source = silent.CreateDataSource("Timeout=15", time);
        Task opening = source.OpenConnectionAsync().AsTask();
        await arrived.Task;

        time.Advance(TimeSpan.FromSeconds(15));

        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(() => opening);
        Assert.Equal(SqlStates.CannotConnect, error.SqlState);
        Assert.Contains("within 15 s", error.Message, StringComparison.Ordinal);
        Assert.Contains(silent.Address, error.Message, StringComparison.Ordinal);
        never.SetResult();
    }

    [Fact]
    public async Task A_closed_port_gives_08001_with_the_address()
    {
        using var probe = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        probe.Start();
        int port = ((System.Net.IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        await using ShardSqlDataSource source = ShardSqlDataSource.Create($"Server=127.0.0.1:{port}");
        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(
            () => source.OpenConnectionAsync().AsTask());
        Assert.Equal(SqlStates.CannotConnect, error.SqlState);
        Assert.Contains($"127.0.0.1:{port}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_connection_is_replaced_by_one_to_another_host()
    {
        using var first = new FakeGateway();
        using var second = new FakeGateway();
        second.On("SELECT 1", FakeResult.Int32(1));
        await using ShardSqlDataSource source = ShardSqlDataSource.Create(
            $"Server={first.Address},{second.Address};Load Balance Hosts=false");
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        first.LastSession.Kill();
        await first.LastSession.Ended;
        first.Dispose();
        var command = new ShardSqlCommand("SELECT 1", connection);
        ShardSqlException lost = await Assert.ThrowsAsync<ShardSqlException>(() => command.ExecuteScalarAsync());
        Assert.Equal(SqlStates.ConnectionFailure, lost.SqlState);
        Assert.True(lost.IsTransient);
        Assert.Equal(System.Data.ConnectionState.Broken, connection.State);

        await connection.CloseAsync();
        await connection.OpenAsync();

        Assert.Equal(1, await command.ExecuteScalarAsync());
        Assert.Equal(second.Address, connection.DataSource);
    }
}
