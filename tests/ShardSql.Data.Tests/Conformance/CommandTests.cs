using System;
using System.Collections.Generic;
using System.Data;
using System.Data.Common;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace ShardSql.Data.Tests.Conformance;

/// <summary>The contract of DbCommand.</summary>
[Collection(ConformanceCollection.Name)]
public sealed class CommandTests(ConformanceFixture fixture)
{
    private static readonly Func<DbCommand, Task>[] s_executions =
    [
        command => Task.Run(command.ExecuteNonQuery), command => Task.Run(command.ExecuteScalar),
        command => Task.Run(() => command.ExecuteReader()), command => command.ExecuteNonQueryAsync(),
        command => command.ExecuteScalarAsync(), command => command.ExecuteReaderAsync(),
        command => Task.Run(command.Prepare), command => command.PrepareAsync(),
    ];

    [Fact]
    public void Properties_have_their_defaults()
    {
        using DbConnection connection = fixture.Create();
        using DbCommand command = connection.CreateCommand();
        Assert.Same(connection, command.Connection);
        Assert.Equal(string.Empty, command.CommandText);
        Assert.Equal(CommandType.Text, command.CommandType);
        Assert.Null(command.Transaction);
        Assert.NotNull(command.Parameters);
        Assert.Same(command.Parameters, command.Parameters);
        Assert.Equal(UpdateRowSource.Both, command.UpdatedRowSource);
        Assert.Equal(30, command.CommandTimeout);
    }

    [Fact]
    public void Properties_keep_what_is_set_and_refuse_what_there_is_not()
    {
        using DbCommand command = ShardSqlFactory.Instance.CreateCommand()!;
        command.CommandText = "test";
        Assert.Equal("test", command.CommandText);
        command.CommandText = null;
        Assert.Equal(string.Empty, command.CommandText);
        command.CommandType = CommandType.Text;
        Assert.ThrowsAny<Exception>(() => command.CommandType = (CommandType)2);
        Assert.ThrowsAny<Exception>(() => command.CommandType = CommandType.StoredProcedure);
        command.CommandTimeout = 1;
        Assert.Equal(1, command.CommandTimeout);
        Assert.Throws<ArgumentException>(() => command.CommandTimeout = -1);
        command.Connection = null;
        command.Transaction = null;
        Assert.IsAssignableFrom<DbParameter>(command.CreateParameter());
        command.Cancel();
    }

    [Fact]
    public async Task Executions_without_connection_open_connection_or_text_are_InvalidOperation()
    {
        foreach (Func<DbCommand, Task> execute in s_executions)
        {
            await using DbCommand without = ShardSqlFactory.Instance.CreateCommand()!;
            without.CommandText = "SELECT 1;";
            await Assert.ThrowsAsync<InvalidOperationException>(() => execute(without));

            await using DbConnection closed = fixture.Create();
            await using DbCommand onClosed = ConformanceFixture.Command(closed, "SELECT 1;");
            await Assert.ThrowsAsync<InvalidOperationException>(() => execute(onClosed));

            await using DbConnection open = fixture.Open();
            await using DbCommand empty = open.CreateCommand();
            await Assert.ThrowsAsync<InvalidOperationException>(() => execute(empty));
        }
    }

    [Theory]
    [InlineData("SELECT 1;", 1)]
    [InlineData("SELECT 42 UNION SELECT 43 ORDER BY 1;", 42)]
    [InlineData("SELECT 42 UNION SELECT 43;", 42)]
    [InlineData("SELECT 42; SELECT 43;", 42)]
    [InlineData("SELECT 42, 43;", 42)]
    [InlineData("-- before\nSELECT /* inside */ 42; -- after", 42)]
    [InlineData("SELECT 'Grüße 😀'", "Grüße 😀")]
    [InlineData("SELECT 1 WHERE 1 = 0", null)]
    [InlineData("DELETE FROM select_value WHERE id = 99", null)]
    [InlineData("-- nothing", null)]
    public async Task ExecuteScalar_gives_the_first_column_of_the_first_row(string text, object? expected)
    {
        await using DbConnection connection = fixture.Open();
        await using DbCommand command = ConformanceFixture.Command(connection, text);
        Assert.Equal(expected, command.ExecuteScalar());
        Assert.Equal(expected, await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task ExecuteScalar_of_NULL_is_DBNull_and_of_a_fraction_decimal()
    {
        await using DbConnection connection = fixture.Open();
        await using DbCommand command = ConformanceFixture.Command(connection, "SELECT NULL");
        Assert.Equal(DBNull.Value, await command.ExecuteScalarAsync());
        command.CommandText = "SELECT 3.14";
        Assert.Equal(3.14m, await command.ExecuteScalarAsync());
    }

    [Theory]
    [InlineData("SELECT 1", -1)]
    [InlineData("DELETE FROM select_value WHERE id = 99", 0)]
    [InlineData("UPDATE select_value SET \"Int32\" = \"Int32\" WHERE id < 3", 3)]
    [InlineData("UPDATE select_value SET id = id WHERE id = 1; SELECT 1; UPDATE select_value SET id = id WHERE id IN (2, 3)", 3)]
    public async Task ExecuteNonQuery_counts_rows_of_statements_that_write(string text, int expected)
    {
        await using DbConnection connection = fixture.Open();
        await using DbCommand command = ConformanceFixture.Command(connection, text);
        Assert.Equal(expected, command.ExecuteNonQuery());
        Assert.Equal(expected, await command.ExecuteNonQueryAsync());
    }

    [Fact]
    public async Task Reader_open_keeps_the_command_and_the_connection_from_another_use()
    {
        await using DbConnection connection = fixture.Open();
        await using DbCommand command = ConformanceFixture.Command(connection, "SELECT 1");
        await using (await command.ExecuteReaderAsync())
        {
            Assert.ThrowsAny<InvalidOperationException>(() => command.CommandText = "SELECT 2");
            Assert.ThrowsAny<InvalidOperationException>(() => command.Connection = null);
            Assert.ThrowsAny<InvalidOperationException>(() => command.ExecuteReader());
            Assert.ThrowsAny<InvalidOperationException>(() => command.ExecuteScalar());
            Assert.ThrowsAny<InvalidOperationException>(() => command.ExecuteNonQuery());
            await using DbCommand other = ConformanceFixture.Command(connection, "SELECT 1");
            Assert.ThrowsAny<InvalidOperationException>(() => other.ExecuteReader());
        }

        command.CommandText = "SELECT 2";
        Assert.Equal(2, command.ExecuteScalar());
    }

    [Fact]
    public async Task Reader_outlives_its_disposed_command()
    {
        await using DbConnection connection = fixture.Open();
        DbCommand command = ConformanceFixture.Command(connection, "SELECT 1 UNION SELECT 2 ORDER BY 1");
        await using DbDataReader reader = command.ExecuteReader();
        Assert.True(reader.Read());
        command.Dispose();
        Assert.True(reader.Read());
        Assert.Equal(2, reader.GetInt32(0));
    }

    [Fact]
    public async Task Transaction_of_the_connection_is_required()
    {
        await using DbConnection connection = fixture.Open();
        await using DbConnection other = fixture.Open();
        await using DbTransaction transaction = connection.BeginTransaction();
        await using DbTransaction mismatched = other.BeginTransaction();
        await using DbCommand command = ConformanceFixture.Command(connection, "SELECT 1");
        command.Transaction = null;
        Assert.Throws<InvalidOperationException>(() => command.ExecuteReader());
        command.Transaction = mismatched;
        Assert.Throws<InvalidOperationException>(() => command.ExecuteReader());
        command.Transaction = transaction;
        Assert.Equal(1, command.ExecuteScalar());
        transaction.Commit();
        Assert.Throws<InvalidOperationException>(() => command.ExecuteScalar());
        command.Transaction = null;
        Assert.Equal(1, command.ExecuteScalar());
    }

    [Fact]
    public async Task Error_of_the_statement_is_DbException_and_leaves_the_command_usable()
    {
        await using DbConnection connection = fixture.Open();
        await using DbCommand command = ConformanceFixture.Command(connection, "INVALID");
        foreach (Func<DbCommand, Task> execute in s_executions)
        {
            DbException error = await Assert.ThrowsAnyAsync<DbException>(() => execute(command));
            Assert.Equal("42601", error.SqlState);
            Assert.False(error.IsTransient);
        }

        command.CommandText = "SELECT 1";
        Assert.Equal(1, command.ExecuteScalar());
    }

    [Fact]
    public async Task Prepare_then_execute_with_changing_values()
    {
        await using DbConnection connection = fixture.Open();
        await using DbCommand command = ConformanceFixture.Command(connection, "SELECT \"String\" FROM select_value WHERE id = @id");
        DbParameter parameter = ConformanceFixture.Parameter(command, "@id", 0);
        await command.PrepareAsync();
        var seen = new List<object?>();
        for (int id = 1; id <= 4; id++)
        {
            parameter.Value = id;
            seen.Add(await command.ExecuteScalarAsync());
        }

        Assert.Equal(["", "0", "1", "min"], seen);
    }

    [Fact]
    public async Task Token_cancelled_beforehand_gives_a_cancelled_task()
    {
        await using DbConnection connection = fixture.Open();
        await using DbCommand command = ConformanceFixture.Command(connection, "SELECT 1");
        var cancelled = new CancellationToken(canceled: true);
        Assert.True(command.ExecuteNonQueryAsync(cancelled).IsCanceled);
        Assert.True(command.ExecuteScalarAsync(cancelled).IsCanceled);
        Assert.True(command.ExecuteReaderAsync(cancelled).IsCanceled);
        Assert.True(command.ExecuteReaderAsync(CommandBehavior.SingleRow, cancelled).IsCanceled);
        Assert.True(command.PrepareAsync(cancelled).IsCanceled);
        Assert.Equal(1, command.ExecuteScalar());
    }

    [Fact]
    public void Dispose_raises_Disposed_once()
    {
        DbCommand command = ShardSqlFactory.Instance.CreateCommand()!;
        int raised = 0;
        command.Disposed += (_, _) => raised++;
        command.Dispose();
        command.Dispose();
        Assert.Equal(1, raised);
    }

    [Theory]
    [InlineData(CommandBehavior.CloseConnection)]
    [InlineData(CommandBehavior.SequentialAccess)]
    [InlineData(CommandBehavior.SingleResult)]
    [InlineData(CommandBehavior.SingleRow)]
    [InlineData(CommandBehavior.KeyInfo)]
    public async Task Behaviour_is_taken(CommandBehavior behavior)
    {
        await using DbConnection connection = fixture.Open();
        await using DbCommand command = ConformanceFixture.Command(connection, "SELECT 1 UNION SELECT 2; SELECT 3;");
        await using (DbDataReader reader = await command.ExecuteReaderAsync(behavior))
        {
            Assert.True(reader.Read());
            Assert.Equal(behavior != CommandBehavior.SingleRow, reader.Read());
            Assert.Equal(behavior is not (CommandBehavior.SingleRow or CommandBehavior.SingleResult), reader.NextResult());
        }

        Assert.Equal(behavior == CommandBehavior.CloseConnection ? ConnectionState.Closed : ConnectionState.Open, connection.State);
    }

    [Fact]
    public async Task SchemaOnly_tells_columns_and_runs_nothing()
    {
        await using DbConnection connection = fixture.Open();
        await using DbCommand command = ConformanceFixture.Command(connection, "SELECT id, \"String\" FROM select_value");
        await using DbDataReader reader = await command.ExecuteReaderAsync(CommandBehavior.SchemaOnly);
        Assert.Equal(2, reader.FieldCount);
        Assert.Equal("String", reader.GetName(1));
        Assert.False(reader.Read());
    }
}
