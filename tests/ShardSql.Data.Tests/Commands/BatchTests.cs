using System;
using System.Linq;
using System.Threading.Tasks;
using ShardSql.Data.Tests.Fake;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Sql.Values;
using Xunit;

namespace ShardSql.Data.Tests.Commands;

public sealed class BatchTests
{
    [Fact]
    public async Task A_batch_is_one_request_with_a_result_per_command()
    {
        using var gateway = new FakeGateway();
        gateway.On("DELETE FROM a WHERE id = @id", FakeResult.Written(3))
            .On("SELECT @x", statement => FakeResult.Single("x", SqlType.Int32, statement.Parameters["x"]))
            .On("DELETE FROM b", FakeResult.Written(4));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using ShardSqlBatch batch = connection.CreateBatch();
        batch.BatchCommands.Add(Command("DELETE FROM a WHERE id = @id", ("id", 1)));
        batch.BatchCommands.Add(Command("SELECT @x", ("x", 9)));
        batch.BatchCommands.Add(Command("DELETE FROM b"));

        await using (ShardSqlDataReader reader = await batch.ExecuteReaderAsync())
        {
            Assert.True(await reader.ReadAsync());
            Assert.Equal(9, reader.GetInt32(0));
            Assert.False(await reader.NextResultAsync());
            Assert.Equal(7, reader.RecordsAffected);
        }

        // One message there, beside the greeting: nothing is prepared, begun or asked in between.
        Assert.Equal(
            [ClientFrame.FrameOneofCase.Hello, ClientFrame.FrameOneofCase.Execute],
            gateway.LastSession.Frames.Select(frame => frame.FrameCase));
        Assert.Equal([3, -1, 4], batch.BatchCommands.Select(command => command.RecordsAffected));
    }

    [Fact]
    public async Task Commands_may_give_one_name_different_values()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT 0", FakeResult.Int32(0));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using ShardSqlBatch batch = connection.CreateBatch();
        for (int i = 0; i < 3; i++)
        {
            batch.BatchCommands.Add(Command("SELECT @v", ("v", i)));
        }

        await Assert.ThrowsAsync<ShardSqlException>(() => batch.ExecuteNonQueryAsync());

        Execute sent = gateway.LastSession.Executes.Single();
        Assert.Equal(["v", "v#1", "v#2"], sent.Parameters.Select(parameter => parameter.Name));
        Assert.Equal(
            [0, 1, 2], sent.Parameters.Select(parameter => ValueCodec.FromBytes(parameter.Value.Span).AsInt32()));
        Assert.Equal(
            ["v", "v#1", "v#2"],
            sent.Statements.Select(
                statement => statement.Tree.Statement.Select.Items.Single().Expression.Nodes.Single().Name));
    }

    [Theory]
    [InlineData("ALTER TABLE t ALTER SPILLOVER FOR KEYS ((@v), (@v + 1)) WITH (n = @v)")]
    [InlineData("MERGE SPILLOVER FOR TABLE t KEY (@v)")]
    [InlineData("SHOW SPILLOVER FOR TABLE t KEY (@v) WHERE slot > @v ORDER BY slot - @v LIMIT @v OFFSET @v")]
    [InlineData("SHOW JOB @v")]
    public async Task Commands_may_give_one_name_different_values_anywhere(string text)
    {
        using var gateway = new FakeGateway();
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using ShardSqlBatch batch = connection.CreateBatch();
        batch.BatchCommands.Add(Command(text, ("v", 1)));
        batch.BatchCommands.Add(Command(text, ("v", 2)));

        await Assert.ThrowsAsync<ShardSqlException>(() => batch.ExecuteNonQueryAsync());

        Execute sent = gateway.LastSession.Executes.Single();
        string[] trees = [.. sent.Statements.Select(statement => statement.Tree.Statement.ToString())];
        Assert.Contains("\"v\"", trees[0], StringComparison.Ordinal);
        Assert.Equal(trees[0].Replace("\"v\"", "\"v#1\"", StringComparison.Ordinal), trees[1]);
    }

    [Fact]
    public async Task Commands_that_agree_on_a_value_share_it()
    {
        using var gateway = new FakeGateway();
        gateway.On("SELECT @v", statement => FakeResult.Single("v", SqlType.Int32, statement.Parameters["v"]));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using ShardSqlBatch batch = connection.CreateBatch();
        batch.BatchCommands.Add(Command("SELECT @v", ("v", 5)));
        batch.BatchCommands.Add(Command("SELECT @v", ("V", 5)));
        Assert.Equal(5, await batch.ExecuteScalarAsync());
        Assert.Single(gateway.LastSession.Executes.Single().Parameters);
    }

    [Fact]
    public async Task An_error_names_the_command_that_failed()
    {
        using var gateway = new FakeGateway();
        gateway.On("DELETE FROM a", FakeResult.Written(1)).On(
            "DELETE FROM b", FakeResult.Failing("23505", "duplicate"));
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using ShardSqlTransaction transaction = await connection.BeginTransactionAsync();
        await using var batch = new ShardSqlBatch(connection, transaction);
        batch.BatchCommands.Add(Command("DELETE FROM a; DELETE FROM a"));
        batch.BatchCommands.Add(Command("DELETE FROM b"));

        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(() => batch.ExecuteNonQueryAsync());

        Assert.Equal("23505", error.SqlState);
        Assert.Same(batch.BatchCommands[1], error.BatchCommand);
        Assert.Equal([2, -1], batch.BatchCommands.Select(command => command.RecordsAffected));
    }

    [Fact]
    public async Task An_empty_batch_or_command_is_refused()
    {
        using var gateway = new FakeGateway();
        await using ShardSqlDataSource source = gateway.CreateDataSource();
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await using ShardSqlBatch batch = connection.CreateBatch();
        await Assert.ThrowsAsync<InvalidOperationException>(() => batch.ExecuteNonQueryAsync());
        batch.BatchCommands.Add(Command(""));
        await Assert.ThrowsAsync<InvalidOperationException>(() => batch.ExecuteNonQueryAsync());
        Assert.Throws<ArgumentException>(() => batch.Timeout = -1);
        Assert.Throws<InvalidOperationException>(() => new ShardSqlBatch().ExecuteNonQuery());
    }

    private static ShardSqlBatchCommand Command(string text, params (string Name, object Value)[] parameters)
    {
        var command = new ShardSqlBatchCommand(text);
        foreach ((string name, object value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
}
