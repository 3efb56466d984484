using System;
using System.Linq;
using System.Threading.Tasks;
using Google.Protobuf;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Sql.Values;
using Xunit;
using RowValues = ShardSql.Protocol.Messages.Values;

namespace ShardSql.Tests.Gateway;

public sealed class SubmissionTests
{
    private const string AnId = "5a8d2f7e-3a51-4a53-8a0b-4d1f7d3c1a11";

    private static async Task<(FakeShardCluster Cluster, TestGateway First, TestGateway Second)> StartAsync()
    {
        var cluster = new FakeShardCluster(3);
        TestGateway first = await TestGateway.StartAsync(cluster);
        await using TestSession session = await first.OpenAsync();
        (await session.RunAsync("CREATE TABLE a (id int PRIMARY KEY, v bigint)")).Ok();
        (await session.RunAsync("INSERT INTO a VALUES (1, 10), (2, 20)")).Ok();
        return (cluster, first, await TestGateway.StartAsync(cluster));
    }

    private static SubmitTransactionRequest Request(string id, params string[] texts)
    {
        var request = new SubmitTransactionRequest { TransactionId = id };
        request.Statements.AddRange(texts.Select(text => new StatementSource { Text = text }));
        return request;
    }

    private static NamedValue Value(string column, long value) => new()
    {
        Column = column,
        Value = ByteString.CopyFrom(ValueCodec.ToBytes(SqlValue.FromInt64(value))),
    };

    private static KeyOperation Operation(long id) => new() { Table = "a", Key = { Value("id", id) } };

    [Fact]
    public async Task Repetition_on_another_gateway_gives_the_first_answer_and_does_nothing()
    {
        (_, TestGateway first, TestGateway second) = await StartAsync();
        await using TestGateway one = first;
        string id = Guid.NewGuid().ToString();
        SubmitTransactionRequest request = Request(
            id, "UPDATE a SET v = v + 1 WHERE id = 1", "SELECT v FROM a WHERE id = 1");
        SubmitTransactionReply done = await first.Server.SubmitTransactionAsync(request, default);
        SubmitTransactionReply again = await second.Server.SubmitTransactionAsync(request, default);
        Assert.Null(done.Error);
        Assert.Equal(Outcome.Committed, done.Outcome);
        Assert.Equal(done, again);
        Assert.Equal(1U, done.Results[1].RowCount);
        await second.DisposeAsync();
        await using TestSession session = await first.OpenAsync();
        Assert.Equal(11, (await session.RunAsync("SELECT v FROM a WHERE id = 1")).Ok().Rows[0][0].AsInt64());
    }

    [Fact]
    public async Task Repetitions_at_once_on_two_gateways_have_one_effect()
    {
        (_, TestGateway first, TestGateway second) = await StartAsync();
        await using TestGateway one = first;
        await using TestGateway two = second;
        SubmitTransactionRequest request = Request(Guid.NewGuid().ToString(), "UPDATE a SET v = v + 1 WHERE id = 2");
        SubmitTransactionReply[] replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(
            () => (i % 2 == 0 ? first : second).Server.SubmitTransactionAsync(request, default))));
        Assert.All(replies, reply => Assert.Equal(replies[0], reply));
        await using TestSession session = await first.OpenAsync();
        Assert.Equal(21, (await session.RunAsync("SELECT v FROM a WHERE id = 2")).Ok().Rows[0][0].AsInt64());
    }

    [Fact]
    public async Task Other_content_under_the_same_id_is_08P01()
    {
        (_, TestGateway first, TestGateway second) = await StartAsync();
        await using TestGateway one = first;
        await using TestGateway two = second;
        string id = Guid.NewGuid().ToString();
        await first.Server.SubmitTransactionAsync(Request(id, "UPDATE a SET v = 1 WHERE id = 1"), default);
        SubmitTransactionReply other = await second.Server.SubmitTransactionAsync(
            Request(id, "UPDATE a SET v = 2 WHERE id = 1"), default);
        Assert.Equal(SqlStates.ProtocolViolation, other.Error.SqlState);
        Assert.Equal(Outcome.RolledBack, other.Outcome);
    }

    [Fact]
    public async Task Transaction_type_that_is_none_is_22023_and_one_is_part_of_the_content()
    {
        (_, TestGateway first, TestGateway second) = await StartAsync();
        await using TestGateway one = first;
        await using TestGateway two = second;
        SubmitTransactionRequest request = Request(Guid.NewGuid().ToString(), "UPDATE a SET v = 1 WHERE id = 1");
        request.TransactionType = new string('x', 65);
        Assert.Equal(SqlStates.InvalidParameterValue, (await first.Server.SubmitTransactionAsync(request, default)).Error.SqlState);
        request.TransactionType = "deposit";
        Assert.Null((await first.Server.SubmitTransactionAsync(request, default)).Error);
        request.TransactionType = "refund";
        Assert.Equal(SqlStates.ProtocolViolation, (await second.Server.SubmitTransactionAsync(request, default)).Error.SqlState);
    }

    [Fact]
    public async Task Operations_by_key_read_upsert_and_delete()
    {
        (_, TestGateway first, TestGateway second) = await StartAsync();
        await using TestGateway one = first;
        await using TestGateway two = second;
        var request = new SubmitTransactionRequest { TransactionId = Guid.NewGuid().ToString() };
        KeyOperation update = Operation(1);
        update.Upsert = new RowValues { Values_ = { Value("v", 77) } };
        KeyOperation insert = Operation(3);
        insert.Upsert = new RowValues { Values_ = { Value("v", 33) } };
        KeyOperation delete = Operation(2);
        delete.Delete = new Empty();
        KeyOperation read = Operation(1);
        read.Read = new Empty();
        request.Operations.AddRange([update, insert, delete, read]);
        SubmitTransactionReply reply = await first.Server.SubmitTransactionAsync(request, default);
        Assert.Null(reply.Error);
        Assert.Equal([1L, 1L, 1L, -1L], reply.Results.Select(result => result.RowsAffected));
        Assert.Equal(1U, reply.Results[3].RowCount);
        await using TestSession session = await second.OpenAsync();
        TestReply rows = (await session.RunAsync("SELECT id, v FROM a ORDER BY id")).Ok();
        Assert.Equal([77L, 33L], rows.Rows.Select(row => row[1].AsInt64()));
    }

    [Fact]
    public async Task Failed_submission_leaves_nothing_and_may_be_sent_again()
    {
        (_, TestGateway first, TestGateway second) = await StartAsync();
        await using TestGateway one = first;
        await using TestGateway two = second;
        SubmitTransactionRequest request = Request(
            Guid.NewGuid().ToString(), "UPDATE a SET v = 0 WHERE id = 1", "INSERT INTO a VALUES (2, 2)");
        SubmitTransactionReply failed = await first.Server.SubmitTransactionAsync(request, default);
        Assert.Equal(SqlStates.UniqueViolation, failed.Error.SqlState);
        await using TestSession session = await second.OpenAsync();
        Assert.Equal(10, (await session.RunAsync("SELECT v FROM a WHERE id = 1")).Ok().Rows[0][0].AsInt64());
        (await session.RunAsync("DELETE FROM a WHERE id = 2")).Ok();
        Assert.Null((await second.Server.SubmitTransactionAsync(request, default)).Error);
    }

    [Theory]
    [InlineData("not-a-uuid", "SELECT 1", SqlStates.ProtocolViolation)]
    [InlineData(AnId, "CREATE TABLE x (id int PRIMARY KEY)", SqlStates.FeatureNotSupported)]
    [InlineData(AnId, "SELEC 1", SqlStates.SyntaxError)]
    [InlineData(AnId, "SELECT * FROM missing", SqlStates.UndefinedTable)]
    public async Task Bad_submission_is_a_catalogued_error(string id, string text, string sqlState)
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        SubmitTransactionReply reply = await gateway.Server.SubmitTransactionAsync(Request(id, text), default);
        Assert.Equal(sqlState, reply.Error.SqlState);
        Assert.Equal(Outcome.RolledBack, reply.Outcome);
    }

    [Fact]
    public async Task Submission_without_content_or_with_both_kinds_is_08P01()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        SubmitTransactionRequest both = Request(Guid.NewGuid().ToString(), "SELECT 1");
        both.Operations.Add(Operation(1));
        foreach (SubmitTransactionRequest request in new[] { Request(Guid.NewGuid().ToString()), both })
        {
            SubmitTransactionReply reply = await gateway.Server.SubmitTransactionAsync(request, default);
            Assert.Equal(SqlStates.ProtocolViolation, reply.Error.SqlState);
        }
    }
}
