using System;
using System.Collections.Generic;
using System.Text;
using System.Threading.Tasks;
using ShardSql.Gateway;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Sql.Values;
using Xunit;

namespace ShardSql.Tests.Gateway;

public sealed class RowFlowTests
{
    private const int Rows = 3_000;

    private static async Task<TestGateway> StartAsync()
    {
        TestGateway gateway = await TestGateway.StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("CREATE TABLE big (id int PRIMARY KEY, pad text)")).Ok();
        string pad = new('x', 200);
        for (int i = 0; i < Rows; i += 500)
        {
            var text = new StringBuilder("INSERT INTO big VALUES ");
            for (int j = i; j < i + 500; j++)
            {
                text.Append(j == i ? "" : ", ").Append('(').Append(j).Append(", '").Append(pad).Append("')");
            }

            (await session.RunAsync(text.ToString())).Ok();
        }

        gateway.Cluster.Trace.Clear();
        return gateway;
    }

    private static Execute Scan(uint window, string text = "SELECT id, pad FROM big")
    {
        Execute execute = TestSession.Request(text);
        execute.WindowBytes = window;
        return execute;
    }

    [Fact]
    public async Task Stalled_reader_stops_its_own_cursors_and_nobody_else()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession stalled = await gateway.OpenAsync();
        await using TestSession other = await gateway.OpenAsync();
        ulong scan = await stalled.StartAsync(Scan(1));
        ServerFrame header = await stalled.ReceiveAsync();
        Assert.Equal(ServerFrame.FrameOneofCase.ResultHeader, header.FrameCase);
        var reply = new TestReply();
        ServerFrame batch = await stalled.ReceiveAsync();
        TestSession.Take(batch, reply);

        // The window is full now: nothing but the answer to the ping can come.
        await stalled.SendAsync(new ClientFrame { RequestId = 500, Ping = new Ping() });
        Assert.Equal(ServerFrame.FrameOneofCase.Pong, (await stalled.ReceiveAsync()).FrameCase);
        Assert.Equal(Rows, (await other.RunAsync("SELECT COUNT(*) FROM big")).Ok().Rows[0][0].AsInt64());
        while (reply.End is null)
        {
            uint bytes = batch.RowBatch is null ? 0 : (uint)batch.RowBatch.Rows.Length;
            await stalled.SendAsync(new ClientFrame { Credit = new Credit { TargetRequestId = scan, Bytes = bytes } });
            batch = await stalled.ReceiveAsync();
            TestSession.Take(batch, reply);
            Assert.True(batch.RowBatch is null || batch.RowBatch.Rows.Length <= GatewayLimits.RowBatchBytes + 1024);
        }

        var ids = new HashSet<int>();
        reply.Rows.ForEach(row => ids.Add(row[0].AsInt32()));
        Assert.Equal(Rows, ids.Count);
        Assert.Equal(0, gateway.Cluster.OpenCursors);
    }

    [Fact]
    public async Task Stalled_reader_makes_the_shards_read_a_bounded_number_of_batches()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession stalled = await gateway.OpenAsync();
        await stalled.StartAsync(Scan(1));
        await stalled.ReceiveAsync();
        await stalled.ReceiveAsync();
        await using TestSession other = await gateway.OpenAsync();
        (await other.RunAsync("SELECT COUNT(*) FROM big")).Ok();

        // One batch of each shard is read ahead, not more.
        Assert.True(gateway.Cluster.CountTrace("CONTINUE") <= 3, "batches are read ahead without bound");
    }

    [Fact]
    public async Task Cancel_of_a_stalled_result_is_57014_and_closes_its_cursors()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        ulong scan = await session.StartAsync(Scan(1));
        await session.ReceiveAsync();
        await session.SendAsync(new ClientFrame { Cancel = new Cancel { TargetRequestId = scan } });
        (await session.ReplyAsync(scan)).Refused(SqlStates.QueryCanceled);
        Assert.Equal(1, (await session.RunAsync("SELECT 1")).Ok().Rows[0][0].AsInt64());
        await gateway.Server.Services.Background.WhenIdleAsync(default);
        Assert.Equal(0, gateway.Cluster.OpenCursors);
        Assert.Equal(0, gateway.Server.Services.Snapshots.Count);
    }

    [Fact]
    public async Task Limit_reads_no_further_and_closes_cursors()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        TestReply reply = (await session.RunAsync(Scan(0, "SELECT id FROM big ORDER BY id LIMIT 5"))).Ok();
        Assert.Equal(5, reply.Rows.Count);
        await gateway.Server.Services.Background.WhenIdleAsync(default);
        Assert.Equal(0, gateway.Cluster.OpenCursors);
    }

    [Theory]
    [InlineData("SELECT id, pad FROM big")]
    [InlineData("SELECT id, pad FROM big WHERE id >= 5 ORDER BY id LIMIT 1900 OFFSET 7")]
    [InlineData("SELECT pad, id FROM big ORDER BY pad DESC, id DESC")]
    [InlineData("SELECT DISTINCT id, pad FROM big")]
    public async Task Leader_change_in_the_middle_of_rows_is_not_seen(string text)
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        TestReply undisturbed = (await session.RunAsync(Scan(1 << 30, text))).Ok();
        int left = 3;
        gateway.Cluster.BeforeContinue = _ =>
        {
            if (left-- > 0)
            {
                gateway.Cluster.DropCursors();
            }

            return Task.CompletedTask;
        };
        TestReply disturbed = (await session.RunAsync(Scan(1 << 30, text))).Ok();
        if (!text.Contains("ORDER BY", StringComparison.Ordinal))
        {
            undisturbed.Log.Sort(StringComparer.Ordinal);
            disturbed.Log.Sort(StringComparer.Ordinal);
        }

        Assert.Equal(undisturbed.Log, disturbed.Log);
        Assert.True(left < 3, "nothing was disturbed");
    }

    [Fact]
    public async Task Leaders_that_change_all_the_time_are_57P03()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        gateway.Cluster.BeforeContinue = _ =>
        {
            gateway.Cluster.DropCursors();
            return Task.CompletedTask;
        };
        Error error = (await session.RunAsync(Scan(1 << 30, "SELECT id, pad || pad || pad || pad AS p FROM big")))
            .Refused(SqlStates.CannotConnectNow);
        Assert.True(error.IsTransient);
    }

    [Fact]
    public async Task Leader_change_in_the_middle_of_a_text_is_57P03()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync(
            "CREATE TABLE one (id int PRIMARY KEY, pad text) SINGLE; BEGIN; INSERT INTO one VALUES (1, 'a')")).Ok();
        for (int i = 2; i < 8; i++)
        {
            (await session.RunAsync(
                "INSERT INTO one VALUES (@i, @p)",
                ("i", SqlValue.FromInt32(i)),
                ("p", SqlValue.FromText(new string('x', 200_000))))).Ok();
        }

        (await session.RunAsync("COMMIT")).Ok();
        ulong scan = await session.StartAsync(Scan(1, "SELECT * FROM one; SELECT * FROM one"));
        await session.ReceiveAsync();
        ServerFrame first = await session.ReceiveAsync();
        Assert.Equal(ServerFrame.FrameOneofCase.RowBatch, first.FrameCase);
        gateway.Cluster.DropCursors();
        for (int i = 0; i < 64; i++)
        {
            await session.SendAsync(new ClientFrame { Credit = new Credit { TargetRequestId = scan, Bytes = 1 << 20 } });
        }

        Error error = (await session.ReplyAsync(scan)).Refused(SqlStates.CannotConnectNow);
        Assert.True(error.IsTransient);
    }

    [Fact]
    public async Task Aggregate_over_all_shards_moves_states_and_no_rows()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        TestReply reply = (await session.RunAsync("SELECT COUNT(*), MIN(id), MAX(id) FROM big")).Ok();
        Assert.Equal(Rows, reply.Rows[0][0].AsInt64());
        Assert.Equal(Rows - 1, reply.Rows[0][2].AsInt64());
        Assert.Equal(0, gateway.Cluster.CountTrace("CONTINUE"));
    }
}
