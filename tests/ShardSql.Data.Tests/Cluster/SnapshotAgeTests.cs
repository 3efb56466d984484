using System;
using System.Threading;
using System.Threading.Tasks;

using Dapper;

using ShardSql.Gateway.Hosting;

using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>How far back AS OF reads is the cluster's History.</summary>
public sealed class SnapshotAgeTests : OneNodeTests
{
    [Fact]
    public async Task A_snapshot_older_than_the_history_is_refused_once_newer_rows_have_come()
    {
        await ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL); INSERT INTO t VALUES (1, 0)");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        DateTimeOffset then = await Connection.ExecuteScalarAsync<DateTimeOffset>("SELECT now()");
        ShardSqlException? refused = null;
        while (refused is null)
        {
            Assert.False(patience.IsCancellationRequested, "what is older than the history is still there");
            await ExecuteAsync("UPDATE t SET n = n + 1");
            try
            {
                await ExecuteAsync($"BEGIN AS OF '{then.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff}+00'");
                Assert.Equal(0, await Connection.ExecuteScalarAsync<int>("SELECT n FROM t WHERE id = 1"));
            }
            catch (ShardSqlException tooOld) when (tooOld.SqlState == "72000")
            {
                refused = tooOld;
            }

            await ExecuteAsync("ROLLBACK");
        }

        Assert.Contains("--history", refused.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(499)]
    [InlineData(3_600_001)]
    public async Task A_history_beyond_its_bounds_is_refused(int milliseconds)
    {
        ArgumentException refused = await Assert.ThrowsAsync<ArgumentException>(() => EmbeddedCluster.StartAsync(
            new EmbeddedClusterOptions
            {
                Name = "aged-" + Guid.NewGuid().ToString("N"), Nodes = 1, Store = "memory", History = TimeSpan.FromMilliseconds(milliseconds),
            }));
        Assert.Contains("from 500 ms to 60 minutes", refused.Message, StringComparison.Ordinal);
    }
}
