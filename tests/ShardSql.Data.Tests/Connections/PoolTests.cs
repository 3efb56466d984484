using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data.Tests.Fake;
using ShardSql.Sql;
using Xunit;

namespace ShardSql.Data.Tests.Connections;

public sealed class PoolTests
{
    [Fact]
    public async Task Close_keeps_the_session_for_the_next_open()
    {
        using var gateway = new FakeGateway();
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        for (int i = 0; i < 5; i++)
        {
            await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        }

        Assert.Single(gateway.Sessions);
        Assert.Equal((1, 0, 0), source.PoolCounts);
    }

    [Fact]
    public async Task Connections_of_one_string_share_a_pool()
    {
        using var gateway = new FakeGateway();
        for (int i = 0; i < 3; i++)
        {
            await using var connection = new ShardSqlConnection(gateway.ConnectionString);
            await connection.OpenAsync();
        }

        Assert.Single(gateway.Sessions);
        ShardSqlConnection.ClearAllPools();
        await gateway.LastSession.Ended;
    }

    [Fact]
    public async Task Pooling_off_ends_the_session_with_the_connection()
    {
        using var gateway = new FakeGateway();
        await using ShardSqlDataSource source = gateway.CreateDataSource("Pooling=false");
        await using (await source.OpenConnectionAsync())
        {
            Assert.Single(gateway.Sessions);
        }

        await gateway.LastSession.Ended;
        await using ShardSqlConnection second = await source.OpenConnectionAsync();
        Assert.Equal(2, gateway.Sessions.Count);
    }

    [Fact]
    public async Task Open_beyond_the_limit_waits_and_then_fails_with_53300()
    {
        using var gateway = new FakeGateway();
        var time = new ManualTimeProvider();
        await using ShardSqlDataSource source = gateway.CreateDataSource("Max Pool Size=2;Timeout=15", time);
        await using ShardSqlConnection first = await source.OpenConnectionAsync();
        await using ShardSqlConnection second = await source.OpenConnectionAsync();
        Task waiting = source.OpenConnectionAsync().AsTask();
        await time.TimerSetAsync(TimeSpan.FromSeconds(15));

        time.Advance(TimeSpan.FromSeconds(15));

        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(() => waiting);
        Assert.Equal(SqlStates.TooManyConnections, error.SqlState);
        Assert.Equal("pool limit 2 reached, waited 15 s", error.Message);
        Assert.True(error.IsTransient);
        Assert.Equal((0, 2, 0), source.PoolCounts);
    }

    [Fact]
    public async Task Waiters_are_served_in_the_order_in_which_they_came()
    {
        using var gateway = new FakeGateway();
        await using ShardSqlDataSource source = gateway.CreateDataSource("Max Pool Size=1");
        ShardSqlConnection holder = await source.OpenConnectionAsync();
        Task<ShardSqlConnection>[] waiting = new Task<ShardSqlConnection>[4];
        for (int i = 0; i < waiting.Length; i++)
        {
            waiting[i] = source.OpenConnectionAsync().AsTask();
        }

        Assert.Equal(4, source.PoolCounts.Waiting);
        foreach (Task<ShardSqlConnection> next in waiting)
        {
            await holder.DisposeAsync();
            holder = await next.WaitAsync(TimeSpan.FromSeconds(60));
            Assert.Equal(waiting.Length - 1 - Array.IndexOf(waiting, next), waiting.Count(task => !task.IsCompleted));
        }

        await holder.DisposeAsync();
        Assert.Single(gateway.Sessions);
    }

    [Fact]
    public async Task A_waiter_that_gives_up_leaves_the_line()
    {
        using var gateway = new FakeGateway();
        await using ShardSqlDataSource source = gateway.CreateDataSource("Max Pool Size=1");
        ShardSqlConnection holder = await source.OpenConnectionAsync();
        using var cancelling = new CancellationTokenSource();
        Task first = source.OpenConnectionAsync(cancelling.Token).AsTask();
        Task<ShardSqlConnection> second = source.OpenConnectionAsync().AsTask();

        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await holder.DisposeAsync();

        await using ShardSqlConnection served = await second.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal((0, 1, 0), source.PoolCounts);
    }

    [Fact]
    public async Task A_dead_session_gives_its_place_to_the_next_in_line()
    {
        using var gateway = new FakeGateway();
        await using ShardSqlDataSource source = gateway.CreateDataSource("Max Pool Size=1");
        ShardSqlConnection holder = await source.OpenConnectionAsync();
        Task<ShardSqlConnection> waiting = source.OpenConnectionAsync().AsTask();
        gateway.LastSession.Kill();
        await Assert.ThrowsAsync<ShardSqlException>(() => new ShardSqlCommand("SELECT 1", holder).ExecuteScalarAsync());

        await holder.DisposeAsync();

        await using ShardSqlConnection served = await waiting.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(System.Data.ConnectionState.Open, served.State);
    }

    [Fact]
    public async Task Idle_sessions_are_closed_after_their_lifetime_down_to_the_minimum()
    {
        using var gateway = new FakeGateway();
        var time = new ManualTimeProvider();
        await using ShardSqlDataSource source = gateway.CreateDataSource(
            "Min Pool Size=1;Connection Idle Lifetime=60", time);
        ShardSqlConnection[] open = [await source.OpenConnectionAsync(), await source.OpenConnectionAsync(),
            await source.OpenConnectionAsync()];
        foreach (ShardSqlConnection connection in open)
        {
            await connection.DisposeAsync();
        }

        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(3, source.PoolCounts.Idle);
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(1, source.PoolCounts.Idle);
    }

    [Fact]
    public async Task A_session_beyond_its_lifetime_is_not_used_again()
    {
        using var gateway = new FakeGateway();
        var time = new ManualTimeProvider();
        await using ShardSqlDataSource source = gateway.CreateDataSource("Connection Lifetime=100", time);
        await using (await source.OpenConnectionAsync())
        {
            time.Advance(TimeSpan.FromSeconds(100));
        }

        Assert.Equal((0, 0, 0), source.PoolCounts);
        await using ShardSqlConnection next = await source.OpenConnectionAsync();
        Assert.Equal(2, gateway.Sessions.Count);
    }

    [Fact]
    public async Task ClearPool_closes_idle_sessions_and_those_in_use_when_they_come_back()
    {
        using var gateway = new FakeGateway();
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        ShardSqlConnection used = await source.OpenConnectionAsync();
        await using (await source.OpenConnectionAsync())
        {
        }

        await source.ClearPoolAsync();

        await gateway.Sessions[1].Ended;
        await used.DisposeAsync();
        await gateway.Sessions[0].Ended;
        Assert.Equal((0, 0, 0), source.PoolCounts);
    }

    [Fact]
    public async Task Close_rolls_an_open_transaction_back_before_the_session_is_used_again()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT 1", FakeResult.Int32(1));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        ShardSqlConnection connection = await source.OpenConnectionAsync();
        ShardSqlTransaction transaction = connection.BeginTransaction();
        await new ShardSqlCommand("SELECT 1", connection, transaction).ExecuteScalarAsync();
        Assert.Equal(Protocol.Messages.TransactionState.Open, gateway.LastSession.State);

        await connection.CloseAsync();

        Assert.Equal(Protocol.Messages.TransactionState.Idle, gateway.LastSession.State);
        Assert.Throws<InvalidOperationException>(transaction.Commit);
        Assert.Equal((1, 0, 0), source.PoolCounts);
    }

    [Fact]
    public async Task Close_rolls_a_transaction_back_that_was_begun_by_text()
    {
        using var gateway = new FakeGateway();
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        ShardSqlConnection connection = await source.OpenConnectionAsync();
        await new ShardSqlCommand("BEGIN", connection).ExecuteNonQueryAsync();
        await connection.CloseAsync();
        Assert.Equal(Protocol.Messages.TransactionState.Idle, gateway.LastSession.State);
    }

    [Fact]
    public async Task A_disposed_data_source_refuses_and_wakes_who_waits()
    {
        using var gateway = new FakeGateway();
        ShardSqlDataSource source = gateway.CreateDataSource("Max Pool Size=1");
        await using ShardSqlConnection holder = await source.OpenConnectionAsync();
        Task waiting = source.OpenConnectionAsync().AsTask();
        await source.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => source.OpenConnectionAsync().AsTask());
    }
}
