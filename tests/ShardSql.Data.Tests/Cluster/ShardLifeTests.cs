using System;
using System.Linq;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>A shard comes and goes while the cluster is used. It waits for snapshots to grow too old for most of its time, beside
/// other tests.</summary>
public sealed class ShardLifeTests
{
    [Fact]
    public async Task A_shard_is_made_filled_used_and_dropped_under_load()
    {
        const int Codes = 600;
        const string Join = "SELECT count(*) FROM accounts a JOIN rates r ON r.code = 'c' || a.id";
        await using LayoutCluster cluster = await LayoutCluster.StartAsync(replicas: 1);
        await cluster.ExecuteAsync("CREATE TABLE rates (code text PRIMARY KEY, rate int NOT NULL, name text NOT NULL, UNIQUE (name)) REFERENCE");
        await cluster.ExecuteAsync(
            "INSERT INTO rates VALUES " + string.Join(", ", Enumerable.Range(0, Codes).Select(i => $"('c{i}', 1, 'n{i}')")));
        await using Bank bank = await Bank.OpenAsync(cluster.Source);
        JobRow job = await cluster.JobAsync("CREATE SHARD s3 ON NODES (n1, n2, n3) WITH (wait = '0s')");

        ShardSqlException made = await Assert.ThrowsAsync<ShardSqlException>(() => cluster.ExecuteAsync("DROP SHARD s3"));
        Assert.Equal(("55006", $"CANCEL JOB {job.Job_id} ends that."), (made.SqlState, made.Hint));

        // Each statement meets what the shards that have all copies hold, never what the new one lacks.
        await using ShardSqlConnection writer = await cluster.Source.OpenConnectionAsync();
        int rounds = 0;
        while ((await cluster.JobAsync($"WAIT JOB {job.Job_id} TIMEOUT '0s'")).State == "running")
        {
            int i = rounds++ % Codes;
            await writer.ExecuteAsync(
                "INSERT INTO rates VALUES (@code, 5, @name) ON CONFLICT (code) DO UPDATE SET rate = rates.rate + 1",
                new { code = $"c{i}", name = $"other{i}" });
            await writer.ExecuteAsync(
                "INSERT INTO rates VALUES (@code, 5, @name) ON CONFLICT (name) DO NOTHING",
                new { code = $"d{i}", name = $"n{i}" });
            Assert.Equal(1, await writer.ExecuteAsync("UPDATE rates SET rate = rate + 1 WHERE code = @code", new { code = $"c{i}" }));
            Assert.Equal(64, await writer.ExecuteScalarAsync<long>(Join));
        }

        Assert.Equal("succeeded", (await cluster.JobAsync($"WAIT JOB {job.Job_id}")).State);
        await cluster.ExecuteAsync("CREATE SHARD IF NOT EXISTS s3 ON NODES (n1, n2, n3)");
        Assert.Equal("serving", await cluster.TextAsync("SELECT state FROM shard.shards WHERE shard = 's3'"));
        Assert.True(rounds > 0);
        Assert.Equal("succeeded", (await cluster.JobAsync("RESHARD TABLE accounts BY SIZE WITH (balance = '1.05')")).State);
        await bank.MoreAsync(50);
        Assert.Contains("s3", (await cluster.ListAsync<string>("EXPLAIN " + Join))[0], StringComparison.Ordinal);
        Assert.Equal(64, await writer.ExecuteScalarAsync<long>(Join));
        Assert.Equal(64, await writer.ExecuteScalarAsync<long>("SELECT count(*) FROM accounts a JOIN rates r ON r.name = 'n' || a.id"));
        Assert.Equal(Codes + (2L * rounds), await writer.ExecuteScalarAsync<long>("SELECT sum(rate) FROM rates"));

        // A snapshot from before the shard was opened, and rows that are on it now.
        await writer.ExecuteAsync("BEGIN AS OF '-3s'");
        Assert.Equal(64, await writer.ExecuteScalarAsync<long>(Join));
        await writer.ExecuteAsync("COMMIT;");
        ShardSqlException held = await Assert.ThrowsAsync<ShardSqlException>(() => cluster.ExecuteAsync("DROP SHARD s3"));
        Assert.Equal("55006", held.SqlState);
        Assert.Contains("MOVE SEGMENTS", held.Hint, StringComparison.Ordinal);
        await cluster.JobAsync("MOVE SEGMENTS FROM accounts WHERE shard = 's3' TO SHARD 1");
        Assert.Equal("succeeded", (await cluster.JobAsync("DROP SHARD s3")).State);
        Assert.Equal("s0 s1 s2", await cluster.TextAsync("SELECT shard FROM shard.shards ORDER BY shard"));
        Assert.Equal(Codes, await writer.ExecuteAsync("UPDATE rates SET rate = 0"));
        await bank.MoreAsync(50);
        ShardSqlException used = await Assert.ThrowsAsync<ShardSqlException>(
            () => cluster.ExecuteAsync("CREATE SHARD s3 ON NODES (n1)"));
        Assert.Equal(("55000", "The next shard is s4."), (used.SqlState, used.Hint));
        await bank.CheckAsync();
    }
}
