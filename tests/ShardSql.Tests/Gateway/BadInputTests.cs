using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Google.Protobuf;
using ShardSql.Gateway;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using Xunit;

namespace ShardSql.Tests.Gateway;

/// <summary>Rows 21 to 28 and 34 of the bad inputs: a catalogued error, nothing written, the session goes on.</summary>
public sealed class BadInputTests
{
    private static async Task<TestGateway> StartAsync()
    {
        TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync(
            "CREATE TABLE t (id int PRIMARY KEY, n smallint NOT NULL, s varchar(3), d decimal(5,2), x date)")).Ok();
        (await session.RunAsync("INSERT INTO t VALUES (1, 1, 'a', 1.5, '2026-01-01')")).Ok();
        return gateway;
    }

    [Theory]
    [InlineData("SELEC 1", SqlStates.SyntaxError)]
    [InlineData("SELECT 'open", SqlStates.SyntaxError)]
    [InlineData("SELECT \0 1", SqlStates.InvalidCharacter)]
    [InlineData("", SqlStates.SyntaxError)]
    [InlineData("-- nothing", SqlStates.SyntaxError)]
    [InlineData("SELECT * FROM tt", SqlStates.UndefinedTable)]
    [InlineData("SELECT ids FROM t", SqlStates.UndefinedColumn)]
    [InlineData("SELECT @missing", SqlStates.UndefinedParameter)]
    [InlineData("INSERT INTO t (id, n) VALUES (2, 40000)", SqlStates.NumericOutOfRange)]
    [InlineData("UPDATE t SET n = 1/0", SqlStates.DivisionByZero)]
    [InlineData("INSERT INTO t (id, n, x) VALUES (2, 1, '2026-02-30')", SqlStates.InvalidDateTime)]
    [InlineData("INSERT INTO t (id, n) VALUES (1, 5)", SqlStates.UniqueViolation)]
    [InlineData("INSERT INTO t (id, n) VALUES (2, NULL)", SqlStates.NotNullViolation)]
    [InlineData("INSERT INTO t (id, n, s) VALUES (2, 1, 'long')", SqlStates.StringTooLong)]
    [InlineData("UPDATE t SET s = 'x; DROP TABLE t' || \"x; DROP TABLE t\"", SqlStates.UndefinedColumn)]
    [InlineData("SET something = 1", SqlStates.FeatureNotSupported)]
    [InlineData("EXPLAIN ANALYZE DROP TABLE t", SqlStates.FeatureNotSupported)]
    public async Task Bad_statement_is_refused_and_the_session_goes_on(string text, string sqlState)
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        Error error = (await session.RunAsync(text)).Refused(sqlState);
        Assert.Equal(CommandOutcome.Failed, error.Outcome);
        Assert.False(error.IsTransient);
        TestReply rows = (await session.RunAsync("SELECT id, n, s FROM t")).Ok();
        Assert.Single(rows.Rows);
        Assert.Equal(1, rows.Rows[0][1].AsInt64());
    }

    [Fact]
    public async Task Syntax_error_has_position_line_and_column()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        Error error = (await session.RunAsync("SELECT 1\nFRM t")).Refused(SqlStates.SyntaxError);
        Assert.True(error.Position > 0);
        Assert.Equal(2, error.Line);
    }

    [Fact]
    public async Task Deep_nesting_is_54001()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        string text = "SELECT " + new string('(', 100_000) + "1" + new string(')', 100_000);
        (await session.RunAsync(text)).Refused(SqlStates.StatementTooComplex);
        (await session.RunAsync("SELECT 1")).Ok();
    }

    [Fact]
    public async Task Text_beyond_its_limit_is_54000_with_limit_and_actual()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        string text = "SELECT 1 --" + new string('x', GatewayLimits.MaxTextBytes);
        Error error = (await session.RunAsync(text)).Refused(SqlStates.ProgramLimitExceeded);
        Assert.Contains("1048576", error.Message, StringComparison.Ordinal);
        Assert.Contains("1048587", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_parameters_are_54000_with_limit_and_actual()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        Execute execute = TestSession.Request("SELECT 1");
        ByteString one = ByteString.CopyFrom(ValueCodec.ToBytes(SqlValue.FromInt32(1)));
        execute.Parameters.AddRange(Enumerable.Range(0, 16_385)
            .Select(i => new Parameter { Name = "p" + i, Value = one }));
        Error error = (await session.RunAsync(execute)).Refused(SqlStates.ProgramLimitExceeded);
        Assert.Contains("limit 16384, actual 16385", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parameter_of_malformed_bytes_is_a_catalogued_error()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        Execute execute = TestSession.Request("SELECT @a");
        execute.Parameters.Add(new Parameter { Name = "a", Value = ByteString.CopyFrom(0xFF, 0xFF) });
        Error error = (await session.RunAsync(execute)).Error!;
        Assert.NotEqual(SqlStates.InternalError, error.SqlState);
        (await session.RunAsync("SELECT 1")).Ok();
    }

    [Fact]
    public async Task Text_that_is_no_UTF8_is_22021_and_stores_nothing()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        byte[] bytes = TestSession.Request("INSERT INTO t (id, n, s) VALUES (9, 1, 'a?c')").ToByteArray();
        bytes[Array.IndexOf(bytes, (byte)'?')] = 0xFF;
        Error error = (await session.RunAsync(Execute.Parser.ParseFrom(bytes))).Refused(SqlStates.InvalidCharacter);
        Assert.Contains("invalid character encoding at byte 42", error.Message, StringComparison.Ordinal);
        Assert.Empty((await session.RunAsync("SELECT id FROM t WHERE id = 9")).Ok().Rows);
        (await session.RunAsync(
            "INSERT INTO t (id, n, s) VALUES (9, 1, @a)", ("a", SqlValue.FromText("\uFFFD")))).Ok();
    }

    [Fact]
    public async Task Text_parameter_that_is_no_UTF8_is_22021()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        byte[] value = ValueCodec.ToBytes(SqlValue.FromText("abc"));
        value[^1] = 0xFF;
        Execute execute = TestSession.Request("INSERT INTO t (id, n, s) VALUES (9, 1, @a)");
        execute.Parameters.Add(new Parameter { Name = "a", Value = ByteString.CopyFrom(value) });
        Error error = (await session.RunAsync(execute)).Refused(SqlStates.InvalidCharacter);
        Assert.Contains("byte", error.Message, StringComparison.Ordinal);
        Assert.Empty((await session.RunAsync("SELECT id FROM t WHERE id = 9")).Ok().Rows);
    }

    [Fact]
    public async Task Trees_that_hold_nothing_known_are_08P01()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        foreach (StatementSource source in Malformed())
        {
            var execute = new Execute();
            execute.Statements.Add(source);
            Error error = (await session.RunAsync(execute)).Error!;
            Assert.True(
                error.SqlState is SqlStates.ProtocolViolation or SqlStates.SyntaxError or SqlStates.StatementTooComplex,
                error.ToString());
        }

        (await session.RunAsync("SELECT 1")).Ok();
    }

    private static IEnumerable<StatementSource> Malformed()
    {
        yield return new StatementSource();
        yield return new StatementSource { Tree = new PreparedTree() };
        yield return new StatementSource { Tree = new PreparedTree { Statement = new Statement() } };
        var short1 = new Select();
        short1.Items.Add(new SelectItem { Expression = new Expression() });
        yield return new StatementSource { Tree = new PreparedTree { Statement = new Statement { Select = short1 } } };
        var underflow = new Select();
        underflow.Items.Add(new SelectItem
        {
            Expression = new Expression { Nodes = { new ExpressionNode { Op = ExpressionOp.Add, Children = 2 } } },
        });
        yield return new StatementSource
        {
            Tree = new PreparedTree { Statement = new Statement { Select = underflow } },
        };
    }

    [Fact]
    public async Task Value_that_looks_like_a_statement_is_stored_as_text_and_a_batch_runs_as_one()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("CREATE TABLE texts (id int PRIMARY KEY, v text)")).Ok();
        (await session.RunAsync(
            "INSERT INTO texts VALUES (1, @v)", ("v", SqlValue.FromText("x'; DROP TABLE t --")))).Ok();
        TestReply read = (await session.RunAsync("SELECT v FROM texts; DROP TABLE t")).Ok();
        Assert.Equal("x'; DROP TABLE t --", read.Rows[0][0].AsText());
        (await session.RunAsync("SELECT 1 FROM t")).Refused(SqlStates.UndefinedTable);
    }

    [Fact]
    public async Task Writes_beyond_the_buffer_are_54000_and_the_transaction_fails()
    {
        await using TestGateway gateway = await TestGateway.StartAsync(1);
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("CREATE TABLE b (id int PRIMARY KEY, v text)")).Ok();
        (await session.RunAsync("BEGIN")).Ok();
        SqlValue large = SqlValue.FromText(new string('x', 900_000));
        TestReply last = new();
        for (int i = 0; i < 5 && last.Error is null; i++)
        {
            last = await session.RunAsync(
                "INSERT INTO b VALUES (@i, @v)", ("i", SqlValue.FromInt32(i)), ("v", large));
        }

        Error error = last.Refused(SqlStates.ProgramLimitExceeded);
        Assert.Contains("4194304", error.Message, StringComparison.Ordinal);
        (await session.RunAsync("ROLLBACK")).Ok();
    }
}
