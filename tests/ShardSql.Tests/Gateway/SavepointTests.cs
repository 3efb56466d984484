using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

using ShardSql.Gateway;
using ShardSql.Gateway.Hosting;
using ShardSql.Sql;

using Xunit;

namespace ShardSql.Tests.Gateway;

/// <summary>SAVEPOINT, ROLLBACK TO, RELEASE, and AS OF, on real nodes.</summary>
public sealed class SavepointTests : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(180);

    private readonly string _folder = Directory.CreateTempSubdirectory("shardsql-test-").FullName;
    private EmbeddedCluster _cluster = null!;
    private TestSession _session = null!;

    public async Task InitializeAsync()
    {
        _cluster = await EmbeddedCluster.StartAsync(new EmbeddedClusterOptions
        {
            Name = "embedded-" + Guid.NewGuid().ToString("N"),
            Folder = _folder,
        });
        _session = await TestSession.OpenAsync(_cluster.Name);
        await OkAsync("CREATE TABLE a (id int PRIMARY KEY, v int)");
        await OkAsync("INSERT INTO a VALUES (1, 1), (2, 2), (3, 3)");
    }

    public async Task DisposeAsync()
    {
        await _session.DisposeAsync();
        await _cluster.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Rollback_to_takes_back_inserts_updates_and_deletes_on_all_shards()
    {
        await OkAsync("BEGIN");
        await OkAsync("UPDATE a SET v = 10 WHERE id = 1");
        await OkAsync("SAVEPOINT s");
        await OkAsync("UPDATE a SET v = v + 100");
        await OkAsync("INSERT INTO a VALUES (4, 4), (5, 5)");
        await OkAsync("DELETE FROM a WHERE id = 2");
        Assert.Equal("1:110 3:103 4:4 5:5", await RowsAsync());
        await OkAsync("ROLLBACK TO SAVEPOINT s");
        Assert.Equal("1:10 2:2 3:3", await RowsAsync());
        await OkAsync("INSERT INTO a VALUES (4, 40)");
        await OkAsync("COMMIT");
        Assert.Equal("1:10 2:2 3:3 4:40", await RowsAsync());
    }

    [Fact]
    public async Task Rollback_to_can_be_repeated_and_names_nest()
    {
        await OkAsync("BEGIN");
        await OkAsync("SAVEPOINT s");
        await OkAsync("UPDATE a SET v = 5 WHERE id = 1");
        await OkAsync("SAVEPOINT s");
        await OkAsync("UPDATE a SET v = 6 WHERE id = 1");
        await OkAsync("ROLLBACK TO s");
        await OkAsync("ROLLBACK TO s");
        Assert.Equal("1:5 2:2 3:3", await RowsAsync());
        await OkAsync("RELEASE SAVEPOINT s");
        await OkAsync("ROLLBACK TO s");
        Assert.Equal("1:1 2:2 3:3", await RowsAsync());
        await OkAsync("COMMIT");
    }

    [Fact]
    public async Task Failed_transaction_goes_on_from_a_savepoint()
    {
        await OkAsync("BEGIN");
        await OkAsync("UPDATE a SET v = 7 WHERE id = 3");
        await OkAsync("SAVEPOINT before_insert");
        Assert.Equal(SqlStates.UniqueViolation, await StateAsync("INSERT INTO a VALUES (9, 9), (1, 1)"));
        Assert.Equal(SqlStates.InFailedTransaction, await StateAsync("SELECT 1"));
        await OkAsync("ROLLBACK TO before_insert");
        await OkAsync("INSERT INTO a VALUES (8, 8)");
        await OkAsync("COMMIT");
        Assert.Equal("1:1 2:2 3:7 8:8", await RowsAsync());
    }

    [Fact]
    public async Task Savepoint_before_the_first_statement_takes_everything_back()
    {
        await OkAsync("BEGIN");
        await OkAsync("SAVEPOINT first");
        await OkAsync("DELETE FROM a");
        await OkAsync("ROLLBACK TO first");
        await OkAsync("COMMIT");
        Assert.Equal("1:1 2:2 3:3", await RowsAsync());
    }

    [Fact]
    public async Task Savepoint_statements_say_what_is_wrong_with_them()
    {
        Assert.Equal(SqlStates.NoActiveTransaction, await StateAsync("SAVEPOINT s"));
        Assert.Equal(SqlStates.NoActiveTransaction, await StateAsync("ROLLBACK TO s"));
        await OkAsync("BEGIN");
        Assert.Equal(SqlStates.InvalidSavepoint, await StateAsync("RELEASE s"));
        await OkAsync("ROLLBACK");
        await OkAsync("BEGIN");
        await OkAsync(string.Concat(Enumerable.Range(0, GatewayLimits.MaxSavepoints / 2).Select(i => $"SAVEPOINT s{i};")));
        await OkAsync(string.Concat(Enumerable.Range(0, GatewayLimits.MaxSavepoints / 2).Select(i => $"SAVEPOINT t{i};")));
        Assert.Equal(SqlStates.ProgramLimitExceeded, await StateAsync("SAVEPOINT last"));
        await OkAsync("ROLLBACK");
    }

    [Fact]
    public async Task Read_that_was_rolled_back_to_is_still_validated()
    {
        await using TestSession other = await TestSession.OpenAsync(_cluster.Name);
        await OkAsync("BEGIN");
        await OkAsync("SAVEPOINT s");
        await OkAsync("SELECT v FROM a WHERE id = 1");
        await OkAsync("ROLLBACK TO s");
        (await other.RunAsync("BEGIN; SELECT v FROM a WHERE id = 2; UPDATE a SET v = 50 WHERE id = 1; COMMIT")).Ok();
        await OkAsync("UPDATE a SET v = 60 WHERE id = 2");
        Assert.Equal(SqlStates.SerializationFailure, await StateAsync("COMMIT"));
    }

    [Fact]
    public async Task As_of_reads_the_past_and_only_reads()
    {
        await OkAsync("BEGIN AS OF '-0s'");
        Assert.Equal(SqlStates.ReadOnlyTransaction, await StateAsync("UPDATE a SET v = 0"));
        await OkAsync("ROLLBACK");
        await OkAsync("BEGIN TRANSACTION AS OF '-1h'");

        // Before the first row, as long as the cluster is younger than its history.
        TestReply past = await _session.RunAsync("SELECT id, v FROM a ORDER BY id");
        Assert.True(past.Error is null ? past.Rows.Count == 0 : past.Error.SqlState == SqlStates.SnapshotTooOld);
        await OkAsync("ROLLBACK");
        Assert.Equal(SqlStates.InvalidParameterValue, await StateAsync("BEGIN AS OF '-5 parsecs'"));
        Assert.Equal(SqlStates.InvalidParameterValue, await StateAsync("BEGIN AS OF '2999-01-01'"));
        Assert.Equal(SqlStates.ReadOnlyTransaction, await StateAsync("BEGIN READ WRITE AS OF '-5s'"));
    }

    [Fact]
    public async Task As_of_shows_a_state_that_was_whatever_happens_meanwhile()
    {
        long began = Stopwatch.GetTimestamp();
        await using TestSession writer = await TestSession.OpenAsync(_cluster.Name);
        bool differed = false;

        // Two rows that always hold the same: any snapshot shows them equal, an old one shows less than there is now.
        for (int i = 1; !differed && Stopwatch.GetElapsedTime(began) < s_patience; i++)
        {
            (await writer.RunAsync($"UPDATE a SET v = {i} WHERE id IN (1, 2)")).Ok();
            await OkAsync("BEGIN AS OF '-0s'");
            TestReply then = (await _session.RunAsync("SELECT v FROM a WHERE id IN (1, 2) ORDER BY id")).Ok();
            await OkAsync("COMMIT");
            if (then.Rows.Count == 2 && i > 1 && then.Rows[0][0].AsInt64() is > 1)
            {
                Assert.Equal(then.Rows[0][0].AsInt64(), then.Rows[1][0].AsInt64());
                Assert.True(then.Rows[0][0].AsInt64() <= i);
                differed = then.Rows[0][0].AsInt64() < i;
            }
        }

        Assert.True(differed, "no snapshot of the past was ever older than the newest write");
    }

    private async Task OkAsync(string sql) => (await _session.RunAsync(sql)).Ok();

    private async Task<string> StateAsync(string sql)
    {
        TestReply reply = await _session.RunAsync(sql);
        Assert.NotNull(reply.Error);
        return reply.Error.SqlState;
    }

    private async Task<string> RowsAsync()
    {
        TestReply reply = (await _session.RunAsync("SELECT id, v FROM a ORDER BY id")).Ok();
        return string.Join(' ', reply.Rows.Select(row => $"{row[0].ToText()}:{row[1].ToText()}"));
    }
}
