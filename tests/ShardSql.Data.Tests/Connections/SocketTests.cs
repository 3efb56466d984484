using System;
using System.Data;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Dapper;
using ShardSql.Data.Tests.Fake;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Sql.Values;
using Xunit;

namespace ShardSql.Data.Tests.Connections;

/// <summary>What depends on the transport, over TCP and unix sockets.</summary>
public sealed class SocketTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Commands_transactions_and_many_rows_run(bool unixSocket)
    {
        await using FakeServer server = await FakeServer.StartAsync(unixSocket);
        server.Gateway.On("DELETE FROM t", FakeResult.Written(3)).On("SELECT n FROM t", FakeResult.Of(
            [FakeResult.Column("n", SqlType.Int64)],
            Enumerable.Range(0, 100_000).Select(i => new[] { SqlValue.FromInt64(i) }),
            rowsPerBatch: 256));
        await using ShardSqlDataSource source = server.CreateDataSource("Receive Window=65536");
        Assert.Equal(3, await source.ExecuteInTransactionAsync(
            (connection, transaction, token) =>
                new ShardSqlCommand("DELETE FROM t", connection, transaction).ExecuteNonQueryAsync(token)));
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        Assert.Equal(server.Address, connection.DataSource);
        await using ShardSqlDataReader reader = await new ShardSqlCommand("SELECT n FROM t", connection)
            .ExecuteReaderAsync();
        long sum = 0;
        while (reader.Read())
        {
            sum += reader.GetInt64(0);
        }

        Assert.Equal(4_999_950_000, sum);
        Assert.InRange(server.Gateway.Sessions[0].MostInFlight, 1, 65536);
    }

    [Fact]
    public async Task A_cancelled_command_leaves_the_connection_usable()
    {
        await using FakeServer server = await FakeServer.StartAsync(unixSocket: false);
        using var cancelling = new CancellationTokenSource();
        server.Gateway.On("SELECT 1", FakeResult.Int32(1)).On("SELECT 2", async statement =>
        {
            await cancelling.CancelAsync();
            return await statement.UntilCancelledAsync();
        });
        await using ShardSqlDataSource source = server.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new ShardSqlCommand("SELECT 2", connection).ExecuteScalarAsync(cancelling.Token));
        Assert.Equal(1, await new ShardSqlCommand("SELECT 1", connection).ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_gateway_cut_off_during_commit_is_asked_about_on_another()
    {
        await using FakeServer dying = await FakeServer.StartAsync(unixSocket: false);
        await using FakeServer other = await FakeServer.StartAsync(unixSocket: false);
        other.Gateway.OnOutcome = _ => Outcome.Committed;
        var cut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        dying.Gateway.On("DELETE FROM t", FakeResult.Written(1)).On("COMMIT", statement =>
        {
            cut.TrySetResult();
            return statement.UntilCancelledAsync();
        });
        await using ShardSqlDataSource source = ShardSqlDataSource.Create(
            $"Server={dying.Address},{other.Address};Load Balance Hosts=false");
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        ShardSqlTransaction transaction = await connection.BeginTransactionAsync();
        await new ShardSqlCommand("DELETE FROM t", connection, transaction).ExecuteNonQueryAsync();
        Task committing = transaction.CommitAsync();
        await cut.Task;

        await dying.CutAsync();

        await committing;
        Assert.Single(other.Gateway.OutcomeQuestions);
        Assert.Equal(ConnectionState.Broken, connection.State);
    }

    [Fact]
    public async Task Sixty_four_synchronous_callers_on_pool_threads_make_progress()
    {
        const int Callers = 64;
        const int CallsEach = 10;
        await using FakeServer server = await FakeServer.StartAsync(unixSocket: false);
        server.Gateway.On("SELECT @n", statement => FakeResult.Single("n", SqlType.Int32, statement.Parameters["n"]));
        await using ShardSqlDataSource source = server.CreateDataSource();
        int done = 0;
        Task[] callers = [.. Enumerable.Range(0, Callers).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < CallsEach; i++)
            {
                using ShardSqlConnection connection = source.OpenConnection();
                Assert.Equal(i, connection.QuerySingle<int>("SELECT @n", new { n = i }));
                Interlocked.Increment(ref done);
            }
        }))];
        await Task.WhenAll(callers).WaitAsync(TimeSpan.FromSeconds(120));
        Assert.Equal(Callers * CallsEach, done);
    }
}
