using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;

using ShardSql.Cluster.Tests.Processes;
using ShardSql.Cluster.Tests.Workloads;
using ShardSql.Data;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;

using Xunit;
using Xunit.Abstractions;

namespace ShardSql.Cluster.Tests;

/// <summary>SubmitTransaction across the death of a gateway: the same UUID on another gateway does the work or finds its
/// answer, and never both.</summary>
public sealed class SubmissionTests(ITestOutputHelper output)
{
    private const int Counters = 7;
    private const int Clients = 4;
    private const int AttemptsMax = 200;
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task Submit_repeatedOnAnotherGatewayAfterTheFirstWasKilled_takesEffectOnce()
    {
        await using ProcessCluster cluster = await ProcessCluster.StartAsync(
            new ProcessClusterOptions { Gateways = 2 }, output);
        await using ShardSqlDataSource second = cluster.OpenDataSourceOf(2);
        await second.ExecuteAsync("CREATE TABLE counter (k INT PRIMARY KEY, n BIGINT NOT NULL)");
        await second.ExecuteAsync("CREATE TABLE done (id UUID PRIMARY KEY)");
        for (int k = 0; k < Counters; k++)
        {
            await second.ExecuteAsync($"INSERT INTO counter (k, n) VALUES ({k}, 0)");
        }

        var answered = new Progress();
        Task<List<Sent>>[] clients = [.. Enumerable.Range(0, Clients).Select(client => Task.Run(
            () => SubmitUntilLostAsync(cluster.GatewayAddress(1), client, answered)))];
        await answered.MoreAsync(30, clients);
        await cluster.KillGatewayAsync(1);
        List<Sent> sent = [.. (await Task.WhenAll(clients)).SelectMany(list => list)];

        await using var gateway = new GatewayClient(cluster.GatewayAddress(2));
        foreach (Sent one in sent)
        {
            SubmitTransactionReply again = await SubmitAsync(gateway, one.Request);
            if (one.Reply is { } reply)
            {
                Assert.Equal(reply, again);
            }
        }

        output.WriteLine($"{sent.Count} submitted, {sent.Count(one => one.Reply is null)} without an answer from the first gateway");
        Assert.Contains(sent, one => one.Reply is null);
        Assert.Equal((long)sent.Count, (await second.QueryAsync("SELECT COUNT(*) FROM done"))[0][0]);
        List<object[]> counters = await second.QueryAsync("SELECT n FROM counter");
        Assert.Equal(sent.Count, counters.Sum(row => (long)row[0]));

        SubmitTransactionRequest other = sent[0].Request.Clone();
        other.Statements.Add(new StatementSource { Text = "UPDATE counter SET n = 0" });
        SubmitTransactionReply refused = await gateway.SubmitTransactionAsync(other, s_deadline, default);
        Assert.Equal(SqlStates.ProtocolViolation, refused.Error.SqlState);
        Assert.Equal(sent.Count, (await second.QueryAsync("SELECT n FROM counter")).Sum(row => (long)row[0]));
    }

    private static SubmitTransactionRequest Request(int k)
    {
        var id = Guid.NewGuid();
        var request = new SubmitTransactionRequest { TransactionId = id.ToString() };
        request.Statements.Add(new StatementSource
        {
            Text = string.Create(
                CultureInfo.InvariantCulture,
                $"UPDATE counter SET n = n + 1 WHERE k = {k}; INSERT INTO done (id) VALUES ('{id}'); SELECT n FROM counter WHERE k = {k}"),
        });
        return request;
    }

    private static async Task<List<Sent>> SubmitUntilLostAsync(string address, int client, Progress answered)
    {
        await using var gateway = new GatewayClient(address);
        var sent = new List<Sent>();
        for (int i = client; ; i++)
        {
            SubmitTransactionRequest request = Request(i % Counters);
            try
            {
                sent.Add(new Sent(request, await SubmitAsync(gateway, request)));
                answered.Add();
            }
            catch (GrpcException)
            {
                sent.Add(new Sent(request, null));
                return sent;
            }
        }
    }

    private static async Task<SubmitTransactionReply> SubmitAsync(GatewayClient gateway, SubmitTransactionRequest request)
    {
        for (int attempt = 0; attempt < AttemptsMax; attempt++)
        {
            SubmitTransactionReply reply = await gateway.SubmitTransactionAsync(request, s_deadline, default);
            if (reply.Error is null)
            {
                Assert.Equal(Outcome.Committed, reply.Outcome);
                return reply;
            }

            Assert.True(reply.Error.IsTransient || reply.Error.Outcome == CommandOutcome.Unknown, $"{reply.Error}");
        }

        throw new TimeoutException($"{request.TransactionId} did not commit in {AttemptsMax} attempts");
    }

    private sealed record Sent(SubmitTransactionRequest Request, SubmitTransactionReply? Reply);
}
