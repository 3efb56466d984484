using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;
using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using Xunit;
using ServingStatus = ShardSql.Protocol.Health.HealthCheckResponse.Types.ServingStatus;

namespace ShardSql.Tests.Protocol;

public sealed class StockClientTests
{
    [PythonGrpcFact]
    public async Task Health_answers_a_stock_client_over_tcp_and_unix_socket()
    {
        foreach (var kind in new[] { TransportKind.Tcp, TransportKind.Unix })
        {
            var health = new HealthEndpoint();
            health.Set("", ServingStatus.Serving);
            await using var server = await TestServer.StartAsync(kind, new GrpcServices().AddHealth(health));
            Assert.Equal((0, "SERVING\n", ""), await StockClient.RunAsync("health", server.Address));
            Assert.Equal(
                (3, "", "NOT_FOUND: unknown service 'nobody'\n"),
                await StockClient.RunAsync("health", server.Address, "nobody"));
        }
    }

    [PythonGrpcFact]
    public async Task Session_serves_a_stock_client()
    {
        await using var server = await TestServer.StartAsync(TransportKind.Tcp, ScriptedGateway.Services(OneRowAsync));
        var (code, output, error) = await StockClient.RunAsync("query", server.Address, "SELECT 'ä', -7, 12.50, NULL");
        Assert.Equal("", error);
        Assert.Equal("text\tb\tc\td\n\"SELECT 'ä', -7, 12.50, NULL\"\t-7\t\"-12.50\"\tnull\n-- SELECT -1\n", output);
        Assert.Equal(0, code);
    }

    [PythonGrpcFact]
    public async Task Session_error_reaches_a_stock_client()
    {
        await using var server = await TestServer.StartAsync(TransportKind.Tcp, ScriptedGateway.Services(
            async (channel, token) =>
            {
                await channel.ReceiveAsync(token);
                await channel.SendAsync(new ServerFrame { HelloReply = new HelloReply { Protocol = 1 } }, token);
                var request = await channel.ReceiveAsync(token);
                var error = new Error { SqlState = "42601", Message = "syntax error" };
                await channel.SendAsync(new ServerFrame { RequestId = request!.RequestId, Error = error }, token);
            }));
        Assert.Equal(
            (2, "", "42601: syntax error\n"), await StockClient.RunAsync("query", server.Address, "SELEC"));
    }

    private static async Task OneRowAsync(
        IDuplexChannel<ServerFrame, ClientFrame> channel, CancellationToken cancellationToken)
    {
        var hello = await channel.ReceiveAsync(cancellationToken);
        Assert.Equal(ClientFrame.FrameOneofCase.Hello, hello!.FrameCase);
        Assert.Equal("python", channel.PeerMetadata["x-client"]);
        await channel.SendAsync(new ServerFrame { HelloReply = new HelloReply { Protocol = 1 } }, cancellationToken);
        var request = await channel.ReceiveAsync(cancellationToken);
        var id = request!.RequestId;
        var header = new ResultHeader();
        foreach (var name in new[] { "text", "b", "c", "d" })
        {
            header.Columns.Add(new Column { Name = name });
        }

        var rows = new ByteWriter();
        RowCodec.Write(
            rows,
            [
                SqlValue.FromText(request.Execute.Statements[0].Text),
                SqlValue.FromInt32(-7),
                SqlValue.FromDecimal(new Decimal38(-1250, 2)),
                SqlValue.NullOf(SqlKind.Date),
            ]);
        var batch = new RowBatch { Rows = ByteString.CopyFrom(rows.WrittenSpan), Count = 1 };
        var end = new ResultEnd { Tag = "SELECT", RowsAffected = -1 };
        await channel.SendAsync(new ServerFrame { RequestId = id, ResultHeader = header }, cancellationToken);
        await channel.SendAsync(new ServerFrame { RequestId = id, RowBatch = batch }, cancellationToken);
        await channel.SendAsync(new ServerFrame { RequestId = id, ResultEnd = end }, cancellationToken);
        await channel.SendAsync(new ServerFrame { RequestId = id, ExecuteEnd = new ExecuteEnd() }, cancellationToken);
        while (await channel.ReceiveAsync(cancellationToken) is not null)
        {
            // Credit, then the half-close.
        }
    }
}
