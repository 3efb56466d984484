using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data.Commands;
using ShardSql.Data.Tests.Fake;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using Xunit;

namespace ShardSql.Data.Tests.Transactions;

public sealed class ExecuteInTransactionTests
{
    [Fact]
    public async Task The_whole_delegate_is_run_again_until_it_commits()
    {
        using var gateway = GatewayThatCommitsAfter(conflicts: 3);
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        int runs = 0;
        int written = await source.ExecuteInTransactionAsync(async (connection, transaction, token) =>
        {
            runs++;
            return await new ShardSqlCommand("DELETE FROM t", connection, transaction).ExecuteNonQueryAsync(token);
        });
        Assert.Equal((4, 2), (runs, written));
        Assert.Single(gateway.Sessions);
        Assert.Equal((1, 0, 0), source.PoolCounts);
        Assert.Equal(4, gateway.LastSession.Executes.Select(execute => execute.TransactionSequence).Distinct().Count());
    }

    [Fact]
    public async Task It_is_run_again_at_most_Max_Retries_times()
    {
        using var gateway = GatewayThatCommitsAfter(conflicts: 100);
        await using ShardSqlDataSource source = gateway.CreateDataSource("Max Retries=2");
        int runs = 0;
        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(
            () => source.ExecuteInTransactionAsync(Count(() => runs++)));
        Assert.Equal("40001", error.SqlState);
        Assert.Equal(3, runs);
    }

    [Fact]
    public async Task Abort_throws_the_first_conflict()
    {
        using var gateway = GatewayThatCommitsAfter(conflicts: 1);
        await using ShardSqlDataSource source = gateway.CreateDataSource("Conflict Strategy=Abort");
        int runs = 0;
        await Assert.ThrowsAsync<ShardSqlException>(() => source.ExecuteInTransactionAsync(Count(() => runs++)));
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task A_handler_decides()
    {
        using var gateway = GatewayThatCommitsAfter(conflicts: 100);
        var seen = new List<ShardSqlConflict>();
        await using ShardSqlDataSource source = new ShardSqlDataSourceBuilder(gateway.ConnectionString)
            .UseConflictHandler((conflict, _) =>
            {
                seen.Add(conflict);
                return new(conflict.Retry < 2 ? ShardSqlConflictDecision.RetryNow : ShardSqlConflictDecision.Abort);
            })
            .Build();
        int runs = 0;
        await Assert.ThrowsAsync<ShardSqlException>(() => source.ExecuteInTransactionAsync(Count(() => runs++)));
        Assert.Equal(3, runs);
        Assert.Equal([0, 1, 2], seen.Select(conflict => conflict.Retry));
        Assert.All(seen, conflict => Assert.Equal("40001", conflict.Exception.SqlState));
        Assert.Throws<InvalidOperationException>(
            () => new ShardSqlDataSourceBuilder("Host=h;Conflict Strategy=Handler").Build());
    }

    [Fact]
    public async Task A_call_may_have_a_strategy_a_handler_and_a_bound_of_its_own()
    {
        using var gateway = new FakeGateway();
        gateway.On("DELETE FROM t", FakeResult.Conflict());
        await using ShardSqlDataSource source = gateway.CreateDataSource("Conflict Strategy=Retry");
        int runs = 0;
        async Task<int> Work(ShardSqlConnection connection, ShardSqlTransaction transaction, CancellationToken token)
        {
            runs++;
            return await new ShardSqlCommand("DELETE FROM t", connection, transaction).ExecuteNonQueryAsync(token);
        }

        await Assert.ThrowsAsync<ShardSqlException>(() => source.ExecuteInTransactionAsync(
            Work, new ShardSqlTransactionOptions { ConflictStrategy = ShardSqlConflictStrategy.Abort }));
        Assert.Equal(1, runs);

        runs = 0;
        var conflicts = new List<(int Retry, int Max)>();
        var options = new ShardSqlTransactionOptions
        {
            MaxRetries = 3,
            ConflictHandler = (conflict, _) =>
            {
                conflicts.Add((conflict.Retry, conflict.MaxRetries));
                return new(ShardSqlConflictDecision.RetryNow);
            },
        };
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await Assert.ThrowsAsync<ShardSqlException>(() => connection.ExecuteInTransactionAsync(Work, options));
        Assert.Equal(4, runs);
        Assert.Equal([(0, 3), (1, 3), (2, 3)], conflicts);
    }

    [Theory]
    [InlineData("23505", CommandOutcome.Failed)]
    [InlineData("40003", CommandOutcome.Unknown)]
    public async Task Other_errors_are_thrown_at_once(string sqlState, CommandOutcome outcome)
    {
        using var gateway = new FakeGateway();
        gateway.On("DELETE FROM t", FakeResult.Failing(sqlState, "no", outcome));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        int runs = 0;
        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(
            () => source.ExecuteInTransactionAsync(Count(() => runs++)));
        Assert.Equal(sqlState, error.SqlState);
        Assert.Equal(1, runs);
        Assert.Equal(TransactionState.Idle, gateway.LastSession.State);
    }

    [Fact]
    public async Task An_error_of_the_delegate_rolls_back_and_comes_through()
    {
        using var gateway = GatewayThatCommitsAfter(conflicts: 0);
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await Assert.ThrowsAsync<FormatException>(() => source.ExecuteInTransactionAsync(async (
            connection, transaction, token) =>
        {
            await new ShardSqlCommand("DELETE FROM t", connection, transaction).ExecuteNonQueryAsync(token);
            throw new FormatException();
        }));
        Assert.Equal(TransactionState.Idle, gateway.LastSession.State);
        Assert.DoesNotContain(gateway.LastSession.Executes, execute => execute.Statements.Any(
            statement => statement.Tree?.Statement.Commit is not null));
    }

    [Fact]
    public async Task A_lost_connection_is_replaced_and_the_delegate_run_again()
    {
        using var gateway = new FakeGateway();
        int runs = 0;
        gateway.On("DELETE FROM t", statement =>
        {
            if (++runs == 1)
            {
                statement.Session.Kill();
            }

            return FakeResult.Written(6);
        });
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        int written = await source.ExecuteInTransactionAsync(
            (connection, transaction, token) =>
                new ShardSqlCommand("DELETE FROM t", connection, transaction).ExecuteNonQueryAsync(token));
        Assert.Equal(6, written);
        Assert.Equal(2, gateway.Sessions.Count);
    }

    [Fact]
    public async Task On_a_connection_it_keeps_the_connection()
    {
        using var gateway = GatewayThatCommitsAfter(conflicts: 1);
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        int written = await connection.ExecuteInTransactionAsync((same, transaction, token) =>
        {
            Assert.Same(connection, same);
            return new ShardSqlCommand("DELETE FROM t", same, transaction).ExecuteNonQueryAsync(token);
        });
        Assert.Equal(2, written);
        Assert.Equal(System.Data.ConnectionState.Open, connection.State);
    }

    [Fact]
    public void Pauses_are_bounded_and_honour_the_server()
    {
        for (int retry = 1; retry < 40; retry++)
        {
            Assert.InRange(RetryPolicy.Pause(retry, null), TimeSpan.Zero, RetryPolicy.LongestPause);
            Assert.True(RetryPolicy.Pause(retry, TimeSpan.FromSeconds(3)) >= TimeSpan.FromSeconds(3));
        }

        Assert.True(RetryPolicy.Pause(1, null) <= RetryPolicy.FirstPause);
    }

    private static Func<ShardSqlConnection, ShardSqlTransaction, CancellationToken, Task> Count(Action ran) =>
        async (connection, transaction, token) =>
        {
            ran();
            await new ShardSqlCommand("DELETE FROM t", connection, transaction).ExecuteNonQueryAsync(token);
        };

    private static FakeGateway GatewayThatCommitsAfter(int conflicts)
    {
        var gateway = new FakeGateway();
        int commits = 0;
        gateway.On("DELETE FROM t", FakeResult.Written(2));
        gateway.On("COMMIT", _ => commits++ < conflicts ? FakeResult.Conflict() : FakeResult.Written(-1));
        return gateway;
    }
}
