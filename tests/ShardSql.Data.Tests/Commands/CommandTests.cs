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

public sealed class CommandTests
{
    [Fact]
    public async Task A_statement_travels_as_tree_once_and_then_as_its_number()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT @n", statement => FakeResult.Single("n", SqlType.Int32, statement.Parameters["n"]));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        for (int i = 0; i < 3; i++)
        {
            await using ShardSqlConnection connection = await source.OpenConnectionAsync();
            await using ShardSqlCommand command = connection.CreateCommand();
            command.CommandText = "SELECT @n";
            command.Parameters.AddWithValue("@n", i);
            Assert.Equal(i, await command.ExecuteScalarAsync());
        }

        StatementSource[] sent = [.. gateway.LastSession.Executes.Select(execute => execute.Statements.Single())];
        Assert.Equal(StatementSource.SourceOneofCase.Tree, sent[0].SourceCase);
        Assert.True(sent[0].Tree.Number > 0);
        Assert.All(sent[1..], later => Assert.Equal(sent[0].Tree.Number, later.Prepared));
    }

    [Fact]
    public async Task A_statement_that_failed_travels_as_tree_again()
    {
        using var gateway = new FakeGateway();
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        var command = new ShardSqlCommand("SELECT a FROM t", connection);
        await Assert.ThrowsAsync<ShardSqlException>(() => command.ExecuteScalarAsync());
        gateway.On("SELECT a FROM t", FakeResult.Int32(4));
        Assert.Equal(4, await command.ExecuteScalarAsync());
        Assert.All(gateway.LastSession.Executes, execute =>
            Assert.Equal(StatementSource.SourceOneofCase.Tree, execute.Statements.Single().SourceCase));
    }

    [Fact]
    public async Task A_gateway_of_another_grammar_gets_text()
    {
        using var gateway = new FakeGateway { GrammarVersion = 999 };
        gateway.On("SELECT 1", FakeResult.Int32(1));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        Assert.Equal(1, await new ShardSqlCommand("SELECT 1", connection).ExecuteScalarAsync());
        Assert.Equal("SELECT 1", gateway.LastSession.Executes.Single().Statements.Single().Text);
    }

    [Fact]
    public async Task A_syntax_error_never_reaches_the_gateway()
    {
        using var gateway = new FakeGateway();
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(
            () => new ShardSqlCommand("SELECT 1;\nSELEC 2", connection).ExecuteScalarAsync());
        Assert.Equal(SqlStates.SyntaxError, error.SqlState);
        Assert.Equal(2, error.Line);
        Assert.Equal(11, error.Position);
        Assert.Empty(gateway.LastSession.Executes);
    }

    [Fact]
    public async Task Execute_on_a_closed_connection_says_so()
    {
        await using var connection = new ShardSqlConnection("Host=inproc:none");
        var command = new ShardSqlCommand("SELECT 1", connection);
        InvalidOperationException error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => command.ExecuteReaderAsync());
        Assert.Equal("Connection is closed.", error.Message);
        Assert.Throws<InvalidOperationException>(() => command.Prepare());
        Assert.Throws<InvalidOperationException>(() => new ShardSqlCommand("SELECT 1").ExecuteReader());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task Execute_without_a_text_throws_InvalidOperationException(string? text)
    {
        using var gateway = new FakeGateway();
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => new ShardSqlCommand(text, connection).ExecuteScalarAsync());
    }

    [Theory]
    [InlineData("-- nothing")]
    [InlineData("  /* nothing */ ; ")]
    public async Task Execute_of_only_comments_gives_no_result_and_sends_nothing(string text)
    {
        using var gateway = new FakeGateway();
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using var command = new ShardSqlCommand(text, connection);
        await using (ShardSqlDataReader reader = await command.ExecuteReaderAsync())
        {
            Assert.False(reader.HasRows);
            Assert.Equal(0, reader.FieldCount);
            Assert.False(await reader.ReadAsync());
            Assert.False(await reader.NextResultAsync());
        }

        Assert.Null(command.ExecuteScalar());
        Assert.Equal(-1, await command.ExecuteNonQueryAsync());
        Assert.Empty(gateway.LastSession.Executes);
    }

    [Fact]
    public async Task ExecuteNonQueryAsync_that_is_not_awaited_lets_the_next_one_wait_its_turn()
    {
        using var gateway = new FakeGateway();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.On("DELETE FROM a", async _ =>
        {
            begun.SetResult();
            await release.Task;
            return FakeResult.Failing("22012", "division by zero");
        }).On("DELETE FROM b", FakeResult.Written(2));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        Task<int> first = new ShardSqlCommand("DELETE FROM a", connection).ExecuteNonQueryAsync();
        Task<int> second = new ShardSqlCommand("DELETE FROM b", connection).ExecuteNonQueryAsync();
        using var cancelling = new CancellationTokenSource();
        Task<int> third = new ShardSqlCommand("DELETE FROM b", connection).ExecuteNonQueryAsync(cancelling.Token);
        Assert.Throws<InvalidOperationException>(() => new ShardSqlCommand("DELETE FROM b", connection).ExecuteNonQuery());
        await begun.Task;
        Assert.Single(gateway.LastSession.Executes);
        await cancelling.CancelAsync();
        release.SetResult();
        Assert.Equal("22012", (await Assert.ThrowsAsync<ShardSqlException>(() => first)).SqlState);
        Assert.Equal(2, await second);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => third);
        Assert.Equal(2, gateway.LastSession.Executes.Count());
    }

    [Fact]
    public async Task A_second_reader_is_refused_and_the_running_command_named()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT 1", FakeResult.Int32(1, 2));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using (ShardSqlDataReader reader = await new ShardSqlCommand("SELECT 1", connection).ExecuteReaderAsync())
        {
            InvalidOperationException error = await Assert.ThrowsAsync<InvalidOperationException>(
                () => new ShardSqlCommand("SELECT 2", connection).ExecuteReaderAsync());
            Assert.Contains("SELECT 1", error.Message, StringComparison.Ordinal);
            Assert.Throws<InvalidOperationException>(() => connection.BeginTransaction());
        }

        Assert.Equal(1, await new ShardSqlCommand("SELECT 1", connection).ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_command_cannot_change_while_its_reader_is_open()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT 1", FakeResult.Int32(1));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        var command = new ShardSqlCommand("SELECT 1", connection);
        ShardSqlDataReader reader = await command.ExecuteReaderAsync();
        Assert.Throws<InvalidOperationException>(() => command.CommandText = "SELECT 2");
        Assert.Throws<InvalidOperationException>(() => command.Connection = null);
        await Assert.ThrowsAsync<InvalidOperationException>(() => command.ExecuteReaderAsync());
        await command.DisposeAsync();
        Assert.True(await reader.ReadAsync());
        await reader.DisposeAsync();
    }

    [Fact]
    public void Settings_that_there_are_not_are_refused()
    {
        using var command = new ShardSqlCommand();
        Assert.Equal("CommandTimeout must be 0 or more, was -1 (Parameter 'value')",
            Assert.Throws<ArgumentException>(() => command.CommandTimeout = -1).Message);
        Assert.Throws<NotSupportedException>(() => command.CommandType = CommandType.StoredProcedure);
        Assert.Throws<NotSupportedException>(() => command.CommandType = CommandType.TableDirect);
        Assert.Equal(CommandType.Text, command.CommandType);
        Assert.Equal(30, command.CommandTimeout);
        Assert.Equal("", command.CommandText);
        command.CommandText = null;
        Assert.Equal("", command.CommandText);
    }

    [Fact]
    public async Task A_disposed_command_throws_ObjectDisposedException()
    {
        using var gateway = new FakeGateway();
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        var command = new ShardSqlCommand("SELECT 1", connection);
        await command.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task ExecuteNonQuery_adds_up_what_statements_wrote_and_gives_minus_one_for_reads()
    {
        using var gateway = new FakeGateway();
        gateway.On("DELETE FROM a", FakeResult.Written(3)).On("DELETE FROM b", FakeResult.Written(4))
            .On("SELECT 1", FakeResult.Int32(1));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        Assert.Equal(
            7, await new ShardSqlCommand("DELETE FROM a; SELECT 1; DELETE FROM b", connection).ExecuteNonQueryAsync());
        Assert.Equal(-1, new ShardSqlCommand("SELECT 1", connection).ExecuteNonQuery());
    }

    [Fact]
    public async Task ExecuteScalar_gives_null_without_a_row_and_DBNull_for_NULL()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT a FROM t", FakeResult.Int32()).On(
            "SELECT NULL", FakeResult.Single("x", SqlType.Text, SqlValue.NullOf(Sql.Tree.SqlKind.Text)))
            .On("DELETE FROM t", FakeResult.Written(1));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        Assert.Null(await new ShardSqlCommand("SELECT a FROM t", connection).ExecuteScalarAsync());
        Assert.Null(await new ShardSqlCommand("DELETE FROM t", connection).ExecuteScalarAsync());
        Assert.Same(DBNull.Value, await new ShardSqlCommand("SELECT NULL", connection).ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_server_error_carries_every_field_and_leaves_the_connection_usable()
    {
        using var gateway = new FakeGateway();
        gateway.On("DELETE FROM t",
            FakeResult.Failing("40001", "serialization failure", CommandOutcome.RolledBack, error =>
        {
            error.Detail = "d";
            error.Hint = "h";
            error.Position = 3;
            error.ConstraintName = "c";
            error.Conflict = new Conflict
            {
                Reason = "window",
                Shard = 2,
                Table = "t",
                Key = "(1)",
                OtherTransactionId = "other",
                Pi = new Stamp { Time = 5, Source = 1 },
                Eta = new Stamp { Time = 6, Source = 1 },
                RetryAfterMs = 7,
            };
        })).On("SELECT 1", FakeResult.Int32(1));
        await using ShardSqlDataSource source = gateway.CreateDataSource("Retry=None");
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();

        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(
            () => new ShardSqlCommand("DELETE FROM t", connection).ExecuteNonQueryAsync());

        Assert.Equal("40001", error.SqlState);
        Assert.True(error.IsTransient);
        Assert.Equal(ShardSqlOutcome.RolledBack, error.Outcome);
        Assert.Equal("window", error.Reason);
        Assert.Equal(2u, error.Shard);
        Assert.Equal("t", error.Table);
        Assert.Equal("(1)", error.Key);
        Assert.Equal("other", error.OtherTransactionId);
        Assert.Equal(5ul, error.Pi!.Value.Time);
        Assert.Equal(6ul, error.Eta!.Value.Time);
        Assert.Equal(TimeSpan.FromMilliseconds(7), error.RetryAfter);
        Assert.Equal(("d", "h", 3, "c"), (error.Detail, error.Hint, error.Position, error.ConstraintName));
        Assert.Equal(1, await new ShardSqlCommand("SELECT 1", connection).ExecuteScalarAsync());
    }

    [Fact]
    public async Task An_unknown_outcome_is_never_transient_whatever_the_server_says()
    {
        using var gateway = new FakeGateway();
        gateway.On(
            "DELETE FROM t", FakeResult.Failing(
                "40001", "?", CommandOutcome.Unknown, error => error.IsTransient = true));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(
            () => new ShardSqlCommand("DELETE FROM t", connection).ExecuteNonQueryAsync());
        Assert.False(error.IsTransient);
        Assert.Single(gateway.LastSession.Executes);
    }

    [Fact]
    public async Task A_command_outside_a_transaction_is_run_again_after_a_conflict()
    {
        using var gateway = new FakeGateway();
        int runs = 0;
        gateway.On("DELETE FROM t", _ => ++runs < 3 ? FakeResult.Conflict() : FakeResult.Written(5));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        Assert.Equal(5, await new ShardSqlCommand("DELETE FROM t", connection).ExecuteNonQueryAsync());
        Assert.Equal(3, runs);
    }

    [Fact]
    public async Task A_command_is_run_again_at_most_Max_Retries_times()
    {
        using var gateway = new FakeGateway();
        int runs = 0;
        gateway.On("DELETE FROM t", _ =>
        {
            runs++;
            return FakeResult.Conflict();
        });
        await using ShardSqlDataSource source = gateway.CreateDataSource("Max Retries=2");
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await Assert.ThrowsAsync<ShardSqlException>(
            () => new ShardSqlCommand("DELETE FROM t", connection).ExecuteNonQueryAsync());
        Assert.Equal(3, runs);
    }

    [Fact]
    public async Task A_command_whose_first_statement_has_ended_is_not_run_again()
    {
        using var gateway = new FakeGateway();
        int runs = 0;
        gateway.On("DELETE FROM a", _ =>
        {
            runs++;
            return FakeResult.Written(1);
        }).On("DELETE FROM b", FakeResult.Conflict());
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(
            () => new ShardSqlCommand("DELETE FROM a; DELETE FROM b", connection).ExecuteNonQueryAsync());
        Assert.Equal(1, error.StatementIndex);
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task SchemaOnly_describes_and_runs_nothing()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT 1", FakeResult.Int32(1));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using ShardSqlDataReader reader = await new ShardSqlCommand("SELECT 1", connection)
            .ExecuteReaderAsync(CommandBehavior.SchemaOnly);
        Assert.True(gateway.LastSession.Executes.Single().DescribeOnly);
        Assert.Equal("n", reader.GetName(0));
        Assert.False(await reader.ReadAsync());
    }
}
