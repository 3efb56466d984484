using System;
using System.Data;
using System.Data.Common;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using System.Transactions;
using ShardSql.Data.Tests.Fake;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using Xunit;

namespace ShardSql.Data.Tests.Connections;

public sealed class ConnectionTests
{
    [Fact]
    public async Task OpenAsync_greets_with_settings_and_shows_what_the_gateway_said()
    {
        using var gateway = new FakeGateway();
        await using ShardSqlDataSource source = gateway.CreateDataSource(
            "Database=app;Application Name=till;Isolation=StrictSerializable");
        await using ShardSqlConnection connection = source.CreateConnection();
        Assert.Equal(ConnectionState.Closed, connection.State);
        Assert.Throws<InvalidOperationException>(() => connection.ServerVersion);

        await connection.OpenAsync();

        Assert.Equal(ConnectionState.Open, connection.State);
        Assert.Equal("1.0.fake", connection.ServerVersion);
        Assert.Equal("app", connection.Database);
        Assert.Equal(gateway.Address, connection.DataSource);
        Hello hello = gateway.LastSession.Hello;
        Assert.Equal("till", hello.ApplicationName);
        Assert.Equal(Protocol.Messages.IsolationLevel.StrictSerializable, hello.Isolation);
        Assert.Equal("none", hello.Authentication);
        Assert.Equal(16, hello.SessionId.Length);
        Assert.Equal(1u, hello.ProtocolMin);
    }

    [Fact]
    public void Fresh_connection_has_empty_names_and_no_state()
    {
        using var connection = new ShardSqlConnection();
        Assert.Equal("", connection.ConnectionString);
        Assert.Equal("", connection.Database);
        Assert.Equal("", connection.DataSource);
        Assert.Throws<InvalidOperationException>(connection.Open);
    }

    [Fact]
    public async Task OpenAsync_without_server_says_that_host_is_required()
    {
        await using var connection = new ShardSqlConnection("Database=app");
        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(() => connection.OpenAsync());
        Assert.Contains("Host is required", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConnectionString_is_the_text_that_was_set_until_the_password_leaves_it_on_open()
    {
        using var gateway = new FakeGateway();
        string text = $"Host={gateway.Address}; User=ann;  Password=s3cret";
        await using var connection = new ShardSqlConnection(text);
        Assert.Equal(text, connection.ConnectionString);

        await connection.OpenAsync();

        Assert.DoesNotContain("s3cret", connection.ConnectionString, StringComparison.Ordinal);
        Assert.Contains("ann", connection.ConnectionString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConnectionString_keeps_the_password_when_asked_to()
    {
        using var gateway = new FakeGateway();
        await using var connection = new ShardSqlConnection(
            $"Host={gateway.Address};Password=s3cret;Persist Security Info=true");
        await connection.OpenAsync();
        Assert.Contains("s3cret", connection.ConnectionString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConnectionString_cannot_change_while_open()
    {
        using var gateway = new FakeGateway();
        await using var connection = new ShardSqlConnection(gateway.ConnectionString);
        await connection.OpenAsync();
        Assert.Throws<InvalidOperationException>(() => connection.ConnectionString = "Host=other");
    }

    [Theory]
    [InlineData("Require")]
    [InlineData("VerifyCA")]
    [InlineData("VerifyFull")]
    public async Task OpenAsync_with_encryption_is_refused_with_08001_before_anything_is_sent(string mode)
    {
        using var gateway = new FakeGateway();
        await using ShardSqlDataSource source = gateway.CreateDataSource($"Ssl Mode={mode}");
        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(
            () => source.OpenConnectionAsync().AsTask());
        Assert.Equal(SqlStates.CannotConnect, error.SqlState);
        Assert.False(error.IsTransient);
        Assert.Contains($"Ssl Mode={mode}", error.Message, StringComparison.Ordinal);
        Assert.Empty(gateway.Sessions);
    }

    [Fact]
    public async Task OpenAsync_of_an_unknown_database_gives_the_servers_error()
    {
        using var gateway = new FakeGateway();
        gateway.OnHello = hello => new Error { SqlState = "3D000", Message = $"unknown database {hello.Database}" };
        await using ShardSqlDataSource source = gateway.CreateDataSource("Database=nope");
        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(
            () => source.OpenConnectionAsync().AsTask());
        Assert.Equal("3D000", error.SqlState);
        Assert.False(error.IsTransient);
        Assert.Single(gateway.Sessions);
    }

    [Fact]
    public async Task OpenAsync_with_a_cancelled_token_gives_a_cancelled_task()
    {
        using var gateway = new FakeGateway();
        await using var connection = new ShardSqlConnection(gateway.ConnectionString);
        Task opening = connection.OpenAsync(new CancellationToken(canceled: true));
        Assert.True(opening.IsCanceled);
        Assert.Equal(ConnectionState.Closed, connection.State);
    }

    [Fact]
    public async Task OpenAsync_is_cancelled_while_the_gateway_does_not_greet()
    {
        using var gateway = new FakeGateway();
        var greeting = new TaskCompletionSource();
        var arrived = new TaskCompletionSource();
        gateway.BeforeHello = _ =>
        {
            arrived.TrySetResult();
            return greeting.Task;
        };
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        using var cancelling = new CancellationTokenSource();
        Task opening = source.OpenConnectionAsync(cancelling.Token).AsTask();
        await arrived.Task;

        await cancelling.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening);
        greeting.SetResult();
    }

    [Fact]
    public async Task Open_in_a_TransactionScope_stays_outside_when_enlisting_is_off()
    {
        using var gateway = new FakeGateway();
        gateway.On("DELETE FROM t", FakeResult.Written(1));
        using var scope = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled);
        await using var outside = new ShardSqlConnection(gateway.ConnectionString + ";Enlist=false");
        await outside.OpenAsync();
        Assert.Equal(1, await new ShardSqlCommand("DELETE FROM t", outside).ExecuteNonQueryAsync());
    }

    [Fact]
    public async Task Use_after_dispose_throws_ObjectDisposedException()
    {
        using var gateway = new FakeGateway();
        var connection = new ShardSqlConnection(gateway.ConnectionString);
        await connection.OpenAsync();
        await connection.DisposeAsync();
        await connection.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => connection.OpenAsync());
        Assert.Throws<ObjectDisposedException>(() => connection.BeginTransaction());
        await using var command = new ShardSqlCommand("SELECT 1", connection);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Disposed_is_raised_once_and_StateChange_at_each_turn()
    {
        using var gateway = new FakeGateway();
        var connection = new ShardSqlConnection(gateway.ConnectionString);
        int disposed = 0;
        var states = new System.Collections.Generic.List<ConnectionState>();
        connection.Disposed += (_, _) => disposed++;
        connection.StateChange += (_, change) => states.Add(change.CurrentState);

        await connection.OpenAsync();
        await connection.CloseAsync();
        await connection.CloseAsync();
        connection.Dispose();

        Assert.Equal(1, disposed);
        Assert.Equal([ConnectionState.Open, ConnectionState.Closed], states);
    }

    [Fact]
    public void Factory_makes_each_object_of_the_provider()
    {
        DbProviderFactory factory = ShardSqlFactory.Instance;
        Assert.IsType<ShardSqlConnection>(factory.CreateConnection());
        Assert.IsType<ShardSqlCommand>(factory.CreateCommand());
        Assert.IsType<ShardSqlParameter>(factory.CreateParameter());
        Assert.IsType<ShardSqlBatch>(factory.CreateBatch());
        Assert.IsType<ShardSqlBatchCommand>(factory.CreateBatchCommand());
        Assert.IsType<ShardSqlConnectionStringBuilder>(factory.CreateConnectionStringBuilder());
        Assert.IsType<ShardSqlDataAdapter>(factory.CreateDataAdapter());
        using DbDataSource source = factory.CreateDataSource("Host=somewhere");
        Assert.IsType<ShardSqlDataSource>(source);
        using var connection = new ShardSqlConnection();
        Assert.Same(factory, DbProviderFactories.GetFactory(connection));
    }

    [Fact]
    public async Task Later_sessions_say_the_highest_stamp_that_was_seen()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT 1", FakeResult.Int32(1));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection first = await source.OpenConnectionAsync();
        await using ShardSqlCommand command = first.CreateCommand();
        command.CommandText = "SELECT 1";
        await command.ExecuteScalarAsync();

        await using ShardSqlConnection second = await source.OpenConnectionAsync();

        Assert.Equal(0u, gateway.Sessions[0].Hello.HighestStamp.Time);
        Assert.True(gateway.Sessions[1].Hello.HighestStamp.Time > 1000);
    }

    [Fact]
    public async Task Requests_of_open_sessions_say_the_highest_stamp_that_another_has_seen()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT 1", FakeResult.Int32(1));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection first = await source.OpenConnectionAsync();
        await using ShardSqlConnection second = await source.OpenConnectionAsync();
        await RunAsync(first);
        await RunAsync(second);

        Assert.Equal(0u, Assert.Single(gateway.Sessions[0].Executes).HighestStamp.Time);
        Assert.True(Assert.Single(gateway.Sessions[1].Executes).HighestStamp.Time > 1000);

        static async Task RunAsync(ShardSqlConnection connection)
        {
            await using ShardSqlCommand command = connection.CreateCommand();
            command.CommandText = "SELECT 1";
            await command.ExecuteScalarAsync();
        }
    }
}
