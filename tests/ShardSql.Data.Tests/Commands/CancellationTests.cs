using System;
using System.Data;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data.Tests.Fake;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Sql.Values;
using Xunit;

namespace ShardSql.Data.Tests.Commands;

public sealed class CancellationTests
{
    private const string Slow = "SELECT slow FROM t";

    [Fact]
    public async Task A_token_cancelled_before_the_start_gives_a_cancelled_task_and_sends_nothing()
    {
        using var gateway = new FakeGateway();
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        var command = new ShardSqlCommand(Slow, connection);
        var cancelled = new CancellationToken(canceled: true);
        Assert.True(command.ExecuteReaderAsync(cancelled).IsCanceled);
        Assert.True(command.ExecuteScalarAsync(cancelled).IsCanceled);
        Assert.True(command.ExecuteNonQueryAsync(cancelled).IsCanceled);
        Assert.True(command.PrepareAsync(cancelled).IsCanceled);
        Assert.Empty(gateway.LastSession.Executes);
    }

    [Fact]
    public async Task A_token_cancelled_during_the_run_cancels_on_the_server_and_the_connection_stays_usable()
    {
        using var gateway = new FakeGateway();
        using var cancelling = new CancellationTokenSource();
        gateway.On("SELECT 1", FakeResult.Int32(1)).On(Slow, async statement =>
        {
            await cancelling.CancelAsync();
            return await statement.UntilCancelledAsync();
        });
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();

        OperationCanceledException error = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new ShardSqlCommand(Slow, connection).ExecuteReaderAsync(cancelling.Token));

        Assert.Equal(cancelling.Token, error.CancellationToken);
        Assert.Equal(SqlStates.QueryCanceled, Assert.IsType<ShardSqlException>(error.InnerException).SqlState);
        Assert.Equal(ConnectionState.Open, connection.State);
        Assert.Equal(1, await new ShardSqlCommand("SELECT 1", connection).ExecuteScalarAsync());
        Assert.Single(gateway.Sessions);
    }

    [Fact]
    public async Task Cancel_from_another_thread_gives_57014_within_100_ms_and_the_connection_stays_usable()
    {
        using var gateway = new FakeGateway();
        var running = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.On("SELECT 1", FakeResult.Int32(1)).On(Slow, statement =>
        {
            running.TrySetResult();
            return statement.UntilCancelledAsync();
        });
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        var command = new ShardSqlCommand(Slow, connection);
        Task<object?> execution = Task.Run(command.ExecuteScalar);
        await running.Task;
        new ShardSqlCommand("SELECT 2", connection).Cancel();
        Assert.False(execution.IsCompleted);

        long began = TimeProvider.System.GetTimestamp();
        command.Cancel();

        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(() => execution);
        Assert.Equal(SqlStates.QueryCanceled, error.SqlState);
        Assert.False(error.IsTransient);
        Assert.True(
            TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(30), "the cancel took too long");
        Assert.Equal(1, await new ShardSqlCommand("SELECT 1", connection).ExecuteScalarAsync());
    }

    [Fact]
    public async Task CommandTimeout_cancels_on_the_server_and_gives_57014()
    {
        using var gateway = new FakeGateway();
        var time = new ManualTimeProvider();
        gateway.On("SELECT 1", FakeResult.Int32(1)).On(Slow, statement => statement.UntilCancelledAsync());
        await using ShardSqlDataSource source = gateway.CreateDataSource("", time);
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        Task<object?> execution = new ShardSqlCommand(Slow, connection) { CommandTimeout = 7 }.ExecuteScalarAsync();
        await time.TimerSetAsync(TimeSpan.FromSeconds(7));

        time.Advance(TimeSpan.FromSeconds(7));

        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(() => execution);
        Assert.Equal(SqlStates.QueryCanceled, error.SqlState);
        Assert.Equal("the command timed out after 7 s", error.Message);
        Assert.Equal(7000u, gateway.LastSession.Executes.Single().TimeoutMs);
        Assert.Equal(1, await new ShardSqlCommand("SELECT 1", connection).ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_command_that_does_not_end_when_cancelled_costs_its_session()
    {
        using var gateway = new FakeGateway();
        var time = new ManualTimeProvider();
        var never = new TaskCompletionSource<FakeResult>();
        gateway.On(Slow, _ => never.Task);
        await using ShardSqlDataSource source = gateway.CreateDataSource("Cancellation Timeout=1234", time);
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        Task<object?> execution = new ShardSqlCommand(Slow, connection) { CommandTimeout = 7 }.ExecuteScalarAsync();
        await time.TimerSetAsync(TimeSpan.FromSeconds(7));
        time.Advance(TimeSpan.FromSeconds(7));
        await time.TimerSetAsync(TimeSpan.FromMilliseconds(1234));

        time.Advance(TimeSpan.FromMilliseconds(1234));

        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(() => execution);
        Assert.Equal(SqlStates.ConnectionFailure, error.SqlState);
        Assert.Equal(ConnectionState.Broken, connection.State);
        never.SetResult(FakeResult.Int32(1));
    }

    [Fact]
    public async Task ReadAsync_is_cancelled_while_it_waits_for_rows()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT 1", FakeResult.Int32(1)).On(Slow, statement => FakeResult.Of(
            [FakeResult.Column("n", SqlType.Int32)], OneRowThenWait(statement), rowsPerBatch: 1));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        using var cancelling = new CancellationTokenSource();
        await using (ShardSqlDataReader reader = await new ShardSqlCommand(Slow, connection).ExecuteReaderAsync())
        {
            Assert.True(await reader.ReadAsync());
            Task reading = reader.ReadAsync(cancelling.Token);
            await cancelling.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        }

        Assert.Equal(1, await new ShardSqlCommand("SELECT 1", connection).ExecuteScalarAsync());
    }

    [Fact]
    public async Task Closing_a_reader_early_outside_a_transaction_cancels_the_rest()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT 1", FakeResult.Int32(1)).On(Slow, FakeResult.Of(
            [FakeResult.Column("n", SqlType.Int32)],
            Enumerable.Range(0, 1_000_000).Select(i => new[] { SqlValue.FromInt32(i) })));
        await using ShardSqlDataSource source = gateway.CreateDataSource("Receive Window=4096");
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using (ShardSqlDataReader reader = await new ShardSqlCommand(Slow, connection).ExecuteReaderAsync())
        {
            Assert.True(await reader.ReadAsync());
        }

        await gateway.LastSession.CancelSeen;
        Assert.Equal(1, await new ShardSqlCommand("SELECT 1", connection).ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_single_row_of_a_large_result_cancels_the_rest()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT 1", FakeResult.Int32(1)).On(Slow, FakeResult.Of(
            [FakeResult.Column("n", SqlType.Int32)],
            Enumerable.Range(0, 10_000_000).Select(i => new[] { SqlValue.FromInt32(i) })));
        await using ShardSqlDataSource source = gateway.CreateDataSource("Receive Window=4096");
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using (ShardSqlDataReader reader = await new ShardSqlCommand(Slow, connection)
            .ExecuteReaderAsync(CommandBehavior.SingleRow))
        {
            Assert.True(await reader.ReadAsync());
            Assert.False(await reader.ReadAsync());
            Assert.False(await reader.NextResultAsync());
        }

        await gateway.LastSession.CancelSeen;
        Assert.Equal(1, await new ShardSqlCommand("SELECT 1", connection).ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_write_whose_reader_is_still_open_is_not_cancelled_by_close()
    {
        using var gateway = new FakeGateway();
        gateway.On("DELETE FROM t RETURNING n", FakeResult.Of(
            [FakeResult.Column("n", SqlType.Int32)],
            Enumerable.Range(0, 10_000).Select(i => new[] { SqlValue.FromInt32(i) }),
            written: 10_000));
        await using ShardSqlDataSource source = gateway.CreateDataSource("Receive Window=4096");
        ShardSqlConnection connection = await source.OpenConnectionAsync();
        ShardSqlDataReader reader = await new ShardSqlCommand("DELETE FROM t RETURNING n", connection)
            .ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        await connection.CloseAsync();
        Assert.DoesNotContain(gateway.LastSession.Frames, frame => frame.Cancel is not null);
        Assert.Equal((1, 0, 0), source.PoolCounts);
        await reader.DisposeAsync();
    }

    [Fact]
    public async Task Closing_a_reader_early_in_a_transaction_reads_the_rest_and_the_transaction_goes_on()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT 1", FakeResult.Int32(1)).On(Slow, FakeResult.Of(
            [FakeResult.Column("n", SqlType.Int32)],
            Enumerable.Range(0, 10_000).Select(i => new[] { SqlValue.FromInt32(i) })));
        await using ShardSqlDataSource source = gateway.CreateDataSource("Receive Window=4096");
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using ShardSqlTransaction transaction = await connection.BeginTransactionAsync();
        await using (
            ShardSqlDataReader reader = await new ShardSqlCommand(Slow, connection, transaction).ExecuteReaderAsync())
        {
            Assert.True(await reader.ReadAsync());
        }

        Assert.Equal(1, await new ShardSqlCommand("SELECT 1", connection, transaction).ExecuteScalarAsync());
        await transaction.CommitAsync();
        Assert.DoesNotContain(gateway.LastSession.Frames, frame => frame.Cancel is not null);
    }

    [Fact]
    public async Task Closing_a_reader_early_runs_the_writes_behind_it()
    {
        using var gateway = new FakeGateway();
        bool written = false;
        gateway.On("SELECT 1", FakeResult.Int32(1, 2, 3)).On("DELETE FROM t", _ =>
        {
            written = true;
            return FakeResult.Written(1);
        });
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        ShardSqlDataReader reader = await new ShardSqlCommand("SELECT 1; DELETE FROM t", connection)
            .ExecuteReaderAsync();
        await reader.DisposeAsync();
        Assert.True(written);
        Assert.Equal(1, reader.RecordsAffected);
    }

    private static System.Collections.Generic.IEnumerable<SqlValue[]> OneRowThenWait(FakeStatement statement)
    {
        yield return [SqlValue.FromInt32(1)];
        statement.Cancelled.WaitHandle.WaitOne(TimeSpan.FromSeconds(60));
        yield return [SqlValue.FromInt32(2)];
    }
}
