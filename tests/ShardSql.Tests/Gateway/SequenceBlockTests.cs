using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Planning.Catalogs;
using Xunit;

namespace ShardSql.Tests.Gateway;

/// <summary>How often numbers of a sequence are asked for.</summary>
public sealed class SequenceBlockTests
{
    private const int Numbers = 100;

    [Theory]
    [InlineData("CACHE 1", 100)]
    [InlineData("CACHE 10", 10)]
    [InlineData("", 4)]
    [InlineData("CACHE 1000", 1)]
    public async Task Nextval_asks_once_for_each_block(string options, int expected)
    {
        var cluster = new FakeShardCluster(2);
        await using TestGateway gateway = await TestGateway.StartAsync(cluster);
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync($"CREATE SEQUENCE s {options}")).Ok();
        byte[] state = SystemKeys.SequenceState(gateway.Server.Services.Catalog.Current.Catalog.FindSequence("s")!.Id);
        int blocks = 0;
        cluster.AfterOne = (_, request, _) =>
        {
            if (request.Share?.Writes.Any(write => write.Key.AsSpan().SequenceEqual(state)) == true)
            {
                Interlocked.Increment(ref blocks);
            }
        };
        for (int i = 1; i <= Numbers; i++)
        {
            TestReply reply = (await session.RunAsync("SELECT nextval('s')")).Ok();
            Assert.Equal(i, reply.Rows[0][0].AsInt64());
        }

        Assert.Equal(expected, blocks);
    }

    [Fact]
    public async Task Many_rows_of_one_statement_ask_once()
    {
        var cluster = new FakeShardCluster(2);
        await using TestGateway gateway = await TestGateway.StartAsync(cluster);
        await using TestSession session = await gateway.OpenAsync();
        (await session.RunAsync("CREATE TABLE t (id serial PRIMARY KEY, a int)")).Ok();
        byte[] state = SystemKeys.SequenceState(gateway.Server.Services.Catalog.Current.Catalog.FindSequence("t_id_seq")!.Id);
        int blocks = 0;
        cluster.AfterOne = (_, request, _) =>
        {
            if (request.Share?.Writes.Any(write => write.Key.AsSpan().SequenceEqual(state)) == true)
            {
                Interlocked.Increment(ref blocks);
            }
        };
        string rows = string.Join(", ", Enumerable.Range(0, Numbers).Select(i => $"({i})"));
        (await session.RunAsync($"INSERT INTO t (a) VALUES {rows}")).Ok();
        Assert.Equal(1, blocks);
    }
}
