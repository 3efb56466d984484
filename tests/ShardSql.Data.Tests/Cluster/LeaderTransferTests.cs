using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>TRANSFER LEADER: the node leads when the statement ends, and nobody notices.</summary>
[Collection(ClusterCollection.Name)]
public sealed class LeaderTransferTests(ClusterFixture cluster)
{
    private const int Writers = 4;
    private const int Rounds = 6;

    [Fact]
    public async Task Leadership_goes_round_while_rows_are_written()
    {
        string table = await cluster.CreateTableAsync("(id int PRIMARY KEY, n int NOT NULL)");
        await using ShardSqlConnection admin = await cluster.Source.OpenConnectionAsync();
        await admin.ExecuteAsync(
            $"INSERT INTO {table} VALUES " + string.Join(", ", Enumerable.Range(0, Writers).Select(id => $"({id}, 0)")));
        using var stop = new CancellationTokenSource();
        var written = new ConcurrentDictionary<int, int>();
        Task[] writers = [.. Enumerable.Range(0, Writers).Select(id => Task.Run(() => WriteAsync(table, id, written, stop.Token)))];
        for (int round = 0; round < Rounds; round++)
        {
            string node = $"n{(round % 3) + 1}";
            foreach (string shard in new[] { "s1", "s2", "s3" })
            {
                await admin.ExecuteAsync("TRANSFER LEADER OF SHARD @shard TO NODE @node", new { shard, node });
                Assert.Equal(
                    node,
                    await admin.ExecuteScalarAsync<string>("SELECT leader FROM shard.shards_details WHERE shard = @shard", new { shard }));
            }
        }

        await stop.CancelAsync();
        await Task.WhenAll(writers);
        foreach ((int id, int n) in written)
        {
            Assert.Equal(n, await admin.ExecuteScalarAsync<int>($"SELECT n FROM {table} WHERE id = {id}"));
            Assert.True(n > 0);
        }
    }

    [Theory]
    [InlineData("TRANSFER LEADER OF SHARD 1 TO NODE n9", "22023", "\"n9\" names no node")]
    [InlineData("TRANSFER LEADER OF SHARD s9 TO NODE n1", "22023", "there is no shard s9")]
    [InlineData("TRANSFER LEADER OF SHARD x TO NODE n1", "22023", "\"x\" names no shard")]
    public async Task What_is_not_there_is_named(string text, string state, string message)
    {
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        ShardSqlException refused = await Assert.ThrowsAsync<ShardSqlException>(() => connection.ExecuteAsync(text));
        Assert.Equal(state, refused.SqlState);
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    private async Task WriteAsync(string table, int id, ConcurrentDictionary<int, int> written, CancellationToken stop)
    {
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync(CancellationToken.None);
        for (int n = 1; !stop.IsCancellationRequested; n++)
        {
            Assert.Equal(1, await connection.ExecuteAsync($"UPDATE {table} SET n = n + 1 WHERE id = @id", new { id }));
            written[id] = n;
        }
    }
}
