using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;
using ShardSql.Gateway;
using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Sql.Values;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>
/// Transactions submitted in one call: once by their id, whatever happens to the gateway that ran them.
/// </summary>
[Collection(ClusterCollection.Name)]
public sealed class SubmitTests(ClusterFixture cluster)
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task The_same_id_is_done_once_and_answered_the_same_by_another_gateway()
    {
        string table = await CreateAsync();
        SubmitTransactionRequest request = Texts(
            $"UPDATE {table} SET n = n + 1 WHERE id IN (1, 101)", $"SELECT sum(n) FROM {table}");
        string name = "dying-" + Guid.NewGuid().ToString("N");
        SubmitTransactionReply first;
        await using (GatewayServer dying = SharedStorage.CreateGateway(cluster.Cluster))
        {
            await dying.StartAsync(CancellationToken.None);
            InProcessEndpoints.Register(name, dying);
            first = await SubmitAsync(request, name);
            Assert.Equal(first, await SubmitAsync(request, name));
        }

        InProcessEndpoints.Unregister(name);
        Assert.Equal(Outcome.Committed, first.Outcome);
        Assert.Equal(2, first.Results[0].RowsAffected);
        Assert.Equal(["22"], Texts(first.Results[1]));
        Assert.Equal(first, await SubmitAsync(request));
        Assert.Equal(22, await cluster.ScalarAsync<long>($"SELECT sum(n) FROM {table}"));
    }

    [Fact]
    public async Task The_same_id_with_other_content_is_refused()
    {
        string table = await CreateAsync();
        SubmitTransactionRequest request = Texts($"UPDATE {table} SET n = n + 1 WHERE id = 1");
        Assert.Equal(Outcome.Committed, (await SubmitAsync(request)).Outcome);
        SubmitTransactionRequest other = Texts($"UPDATE {table} SET n = n + 2 WHERE id = 1");
        other.TransactionId = request.TransactionId;
        SubmitTransactionReply refused = await SubmitAsync(other);
        Assert.Equal("08P01", refused.Error?.SqlState);
        Assert.Equal(21, await cluster.ScalarAsync<long>($"SELECT sum(n) FROM {table}"));
    }

    [Fact]
    public async Task Reads_and_writes_of_keys_return_what_was_read()
    {
        string table = await CreateAsync();
        var request = new SubmitTransactionRequest { TransactionId = Guid.NewGuid().ToString() };
        request.Operations.Add(Operation(table, 1, operation => operation.Read = new Empty()));
        request.Operations.Add(Operation(table, 101, operation => operation.Delete = new Empty()));
        request.Operations.Add(Operation(table, 201, operation =>
        {
            operation.Upsert = new Values();
            operation.Upsert.Values_.Add(Named("n", SqlValue.FromInt64(7)));
        }));
        request.Operations.Add(Operation(table, 201, operation => operation.Read = new Empty()));
        SubmitTransactionReply reply = await SubmitAsync(request);
        Assert.Null(reply.Error);
        Assert.Equal((Outcome.Committed, 4), (reply.Outcome, reply.Results.Count));
        Assert.Equal(["1|10"], Texts(reply.Results[0]));
        Assert.Equal(["201|7"], Texts(reply.Results[3]));
        Assert.Equal(17, await cluster.ScalarAsync<long>($"SELECT sum(n) FROM {table}"));
        Assert.Equal(reply, await SubmitAsync(request));
    }

    [Fact]
    public async Task A_refused_transaction_writes_nothing_and_a_bad_id_is_refused()
    {
        string table = await CreateAsync();
        SubmitTransactionReply refused = await SubmitAsync(Texts(
            $"INSERT INTO {table} VALUES (3, 3)", $"INSERT INTO {table} VALUES (101, 3)"));
        Assert.Equal((Outcome.RolledBack, "23505"), (refused.Outcome, refused.Error?.SqlState));
        SubmitTransactionRequest bad = Texts("SELECT 1");
        bad.TransactionId = "one";
        Assert.Equal("08P01", (await SubmitAsync(bad)).Error?.SqlState);
        Assert.Equal(20, await cluster.ScalarAsync<long>($"SELECT sum(n) FROM {table}"));
    }

    [Fact]
    public async Task Many_submissions_of_one_id_at_once_are_one_transaction()
    {
        string table = await CreateAsync();
        SubmitTransactionRequest request = Texts($"UPDATE {table} SET n = n + 1 WHERE id IN (1, 101)");
        SubmitTransactionReply[] replies =
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => SubmitAsync(request))));
        Assert.All(replies, reply => Assert.Equal(Outcome.Committed, reply.Outcome));
        Assert.Single(replies.Distinct());
        Assert.Equal(22, await cluster.ScalarAsync<long>($"SELECT sum(n) FROM {table}"));
    }

    private static SubmitTransactionRequest Texts(params string[] texts)
    {
        var request = new SubmitTransactionRequest { TransactionId = Guid.NewGuid().ToString() };
        request.Statements.AddRange(texts.Select(text => new StatementSource { Text = text }));
        return request;
    }

    private static KeyOperation Operation(string table, int id, Action<KeyOperation> set)
    {
        var operation = new KeyOperation { Table = table };
        operation.Key.Add(Named("id", SqlValue.FromInt32(id)));
        set(operation);
        return operation;
    }

    private static NamedValue Named(string column, SqlValue value) =>
        new() { Column = column, Value = ByteString.CopyFrom(ValueCodec.ToBytes(value)) };

    private static IEnumerable<string> Texts(StatementResult result) =>
        RowsOf(result).Select(row => string.Join('|', row.Select(value => value.ToText())));

    private static List<SqlValue[]> RowsOf(StatementResult result)
    {
        var reader = new ByteReader(result.Rows.Span);
        var rows = new List<SqlValue[]>();
        for (int i = 0; i < result.RowCount; i++)
        {
            rows.Add(RowCodec.Read(ref reader));
        }

        Assert.True(reader.EndedWell);
        return rows;
    }

    private async Task<SubmitTransactionReply> SubmitAsync(SubmitTransactionRequest request, string? gateway = null)
    {
        await using var client = new GatewayClient("inproc:" + (gateway ?? cluster.Cluster.Name));
        return await client.SubmitTransactionAsync(request, s_deadline, CancellationToken.None);
    }

    private async Task<string> CreateAsync()
    {
        string table = await cluster.CreateSpreadTableAsync();
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 10), (101, 10)");
        return table;
    }
}
