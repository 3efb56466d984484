using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using Dapper;

using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>Policies append, last_write and timestamp (sharding.md §4): deltas that are put in order, and the conflicts that
/// settles.</summary>
public sealed class SpilloverOrderTests : OneNodeTests
{
    [Fact]
    public async Task Last_write_gives_what_was_committed_last()
    {
        await CreateAsync("ON (state) WITH (policy = 'last_write', max_age = '1h', slots = 3)");
        await ExecuteAsync("UPDATE jobs SET state = 'first' WHERE id = 1");
        Assert.Equal(0, await PendingAsync());
        for (int i = 0; i < 8; i++)
        {
            Assert.Equal(1, await SetAsync(1, "s" + i));
            Assert.Equal("s" + i, await StateAsync(1));
        }

        Assert.Equal(8, await PendingAsync());
        Assert.Contains("spillover delta, spill shard", await ExplainAsync("UPDATE jobs SET state = 'x' WHERE id = 1"), StringComparison.Ordinal);
        Assert.Equal(["1:s7", "2:new"], await Connection.QueryAsync<string>(
            "SELECT a.id || ':' || a.state FROM jobs a JOIN jobs b ON b.id = a.id WHERE a.state <> 'none' ORDER BY a.id"));
        Assert.Equal("s7", await Connection.ExecuteScalarAsync<string>("SELECT max(state) FROM jobs"));
        Assert.Equal(1, await SetAsync(1, null));
        Assert.Null(await StateAsync(1));
        Assert.Equal(1, await Connection.ExecuteScalarAsync<long>("SELECT count(*) FROM jobs WHERE state IS NULL"));
        Assert.Equal(0, await SetAsync(99, "nobody"));
        var failure = await Assert.ThrowsAsync<ShardSqlException>(() => SetAsync(1, "far too long"));
        Assert.Equal("22001", failure.SqlState);

        await ExecuteAsync("MERGE SPILLOVER FOR TABLE jobs");
        Assert.Equal((0L, null), (await PendingAsync(), await StateAsync(1)));
        Assert.Equal(
            Enumerable.Range(0, 8).Select(static i => ("jobs", "(1)", "state", "last_write", "NULL", "s" + i)),
            (await ConflictsAsync()).OrderBy(static conflict => conflict.Item6, StringComparer.Ordinal));
        Assert.Equal(8, await CountedAsync());
        await ExecuteAsync("ALTER TABLE jobs DISABLE SPILLOVER");
        Assert.Null(await StateAsync(1));
    }

    [Fact]
    public async Task A_transaction_sees_its_own_last_write_and_merges_keep_the_order()
    {
        await CreateAsync("ON (state) WITH (policy = 'last_write', max_age = '1h', slots = 3)");
        await SetAsync(1, "before");
        await using (ShardSqlTransaction transaction = await Connection.BeginTransactionAsync())
        {
            for (int i = 0; i < 6; i++)
            {
                await Connection.ExecuteAsync("UPDATE jobs SET state = @state WHERE id = 1", new { state = "t" + i }, transaction);
                Assert.Equal("t" + i, await Connection.ExecuteScalarAsync<string>("SELECT state FROM jobs WHERE id = 1", transaction: transaction));
            }

            await transaction.CommitAsync();
        }

        Assert.Equal("t5", await StateAsync(1));
        Assert.Equal(1, await ExecuteAsync("UPDATE jobs SET state = state || '!' WHERE id = 1"));
        Assert.Equal(("t5!", 0L), (await StateAsync(1), await PendingAsync()));
        await SetAsync(1, "again");
        Assert.Equal(1, await ExecuteAsync("UPDATE jobs SET id = 7 WHERE id = 1"));
        Assert.Equal("again", await StateAsync(7));
        Assert.Equal(1, await ExecuteAsync("DELETE FROM jobs WHERE state = 'again'"));
        Assert.Empty(await ConflictsAsync());
    }

    [Fact]
    public async Task Who_has_read_what_is_overwritten_cannot_write_last()
    {
        await CreateAsync("ON (state) WITH (policy = 'last_write', max_age = '1h')");
        await SetAsync(1, "open");
        await using ShardSqlTransaction transaction = await Connection.BeginTransactionAsync();
        Assert.Equal(0, await Connection.ExecuteScalarAsync<int>("SELECT units FROM jobs WHERE id = 2", transaction: transaction));
        await Connection.ExecuteAsync("UPDATE jobs SET state = 'none' WHERE id = 1", transaction: transaction);
        await using ShardSqlConnection other = await Source.OpenConnectionAsync();
        await other.ExecuteAsync("UPDATE jobs SET units = 1 WHERE id = 2");
        var failure = await Assert.ThrowsAsync<ShardSqlException>(() => transaction.CommitAsync());
        Assert.Equal("40001", failure.SqlState);
        Assert.Equal("open", await other.ExecuteScalarAsync<string>("SELECT state FROM jobs WHERE id = 1"));
    }

    [Fact]
    public async Task Timestamp_gives_what_is_newest_however_late_it_comes()
    {
        await CreateAsync("ON (state) WITH (policy = 'timestamp', by = 'at', max_age = '1h', slots = 3)");
        Assert.Equal(1, await SetAtAsync("ten", 10));
        foreach ((string state, int at, string seen) in ((string, int, string)[])
            [("five", 5, "ten"), ("ten too", 10, "ten too"), ("thirty", 30, "thirty"), ("twenty", 20, "thirty")])
        {
            Assert.Equal(1, await SetAtAsync(state, at));
            Assert.Equal(seen, await StateAsync(1));
        }

        Assert.Equal(4, await PendingAsync());
        await ExecuteAsync("MERGE SPILLOVER FOR TABLE jobs");
        Assert.Equal(("thirty", 0L), (await StateAsync(1), await PendingAsync()));
        Assert.Equal(
            [("thirty, 30", "five, 5"), ("thirty, 30", "ten too, 10"), ("thirty, 30", "twenty, 20")],
            (await ConflictsAsync()).Select(static c => (c.Item5, c.Item6)).Order());

        // Against the row itself, too.
        Assert.Equal(1, await SetAtAsync("old", 29));
        Assert.Equal("thirty", await StateAsync(1));
        await ExecuteAsync("MERGE SPILLOVER FOR TABLE jobs");
        Assert.Equal("thirty", await StateAsync(1));
        Assert.Equal(4, await CountedAsync());

        // Anything else is written as it is.
        Assert.Equal(1, await ExecuteAsync("UPDATE jobs SET state = 'as is' WHERE id = 1"));
        Assert.Equal(2, await ExecuteAsync("UPDATE jobs SET state = 'less', at = 1 WHERE id < 3 AND id > 0"));
        Assert.Equal("less", await StateAsync(1));
    }

    [Fact]
    public async Task Timestamp_decides_where_a_row_takes_no_deltas_too()
    {
        await CreateAsync("ON (state) FOR KEYS ((2)) WITH (policy = 'timestamp', by = 'at', max_age = '1h')");
        Assert.Equal(1, await SetAtAsync("nine", 9));
        Assert.Equal(1, await SetAtAsync("eight", 8));
        Assert.Equal(("nine", 0L), (await StateAsync(1), await PendingAsync()));
        Assert.Equal([("nine, 9", "eight, 8")], (await ConflictsAsync()).Select(static c => (c.Item5, c.Item6)));
    }

    [Fact]
    public async Task Append_keeps_the_order_of_commits()
    {
        await CreateAsync("ON (log) WITH (policy = 'append', max_age = '1h', slots = 3)");
        foreach (char letter in "abcdef")
        {
            Assert.Equal(1, await AppendAsync(letter.ToString()));
        }

        Assert.Equal((">abcdef", 5L), (await LogAsync(), await PendingAsync()));
        await using (ShardSqlTransaction transaction = await Connection.BeginTransactionAsync())
        {
            await Connection.ExecuteAsync("UPDATE jobs SET log = log || 'x' || 'y' WHERE id = 1", transaction: transaction);
            await Connection.ExecuteAsync("UPDATE jobs SET log = log || 'z' WHERE id = 1", transaction: transaction);
            Assert.Equal(">abcdefxyz", await Connection.ExecuteScalarAsync<string>("SELECT log FROM jobs WHERE id = 1", transaction: transaction));
            await transaction.CommitAsync();
        }

        await ExecuteAsync("MERGE SPILLOVER FOR TABLE jobs KEY (1)");
        Assert.Equal((">abcdefxyz", 0L), (await LogAsync(), await PendingAsync()));
        Assert.Equal(
            [("b", "c"), ("c", "d"), ("d", "e"), ("e", "f"), ("f", "xy"), ("xy", "z")],
            (await ConflictsAsync()).Select(static c => (c.Item5, c.Item6)).OrderBy(static c => c.Item1, StringComparer.Ordinal));
        await AppendAsync("!");
        Assert.Equal(1, await ExecuteAsync("UPDATE jobs SET log = upper(log) WHERE id = 1"));
        Assert.Equal(">ABCDEFXYZ!", await LogAsync());
        Assert.Equal("23502", (await Assert.ThrowsAsync<ShardSqlException>(() => AppendAsync(null))).SqlState);
    }

    [Fact]
    public async Task Appends_of_many_beside_merges_are_all_there_once()
    {
        const int Writers = 3;
        const int Each = 25;
        await CreateAsync("ON (log) WITH (policy = 'append', slots = 2)");
        using var done = new CancellationTokenSource();
        Task<int> merging = MergeAsync(done.Token);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
        {
            await using ShardSqlConnection connection = await Source.OpenConnectionAsync();
            for (int i = 0; i < Each; i++)
            {
                await connection.ExecuteAsync(
                    "UPDATE jobs SET log = log || @text WHERE id = 1", new { text = $" {writer}.{i}" });
            }
        }));
        await done.CancelAsync();
        Assert.True(await merging > 0);
        string[] words = (await LogAsync())[1..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        for (int writer = 0; writer < Writers; writer++)
        {
            Assert.Equal(
                Enumerable.Range(0, Each).Select(i => $"{writer}.{i}"),
                words.Where(word => word.StartsWith($"{writer}.", StringComparison.Ordinal)));
        }

        Assert.Equal(Writers * Each, words.Length);
    }

    [Fact]
    public async Task Only_the_newest_conflicts_of_a_row_are_kept_and_all_are_counted()
    {
        await CreateAsync("ON (state) WITH (policy = 'last_write', max_age = '1h', slots = 1)");
        await SetAsync(1, "first");
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < 25; i++)
            {
                await SetAsync(1, $"{round}.{i}");
            }

            await ExecuteAsync("MERGE SPILLOVER FOR TABLE jobs");
        }

        Assert.Equal((32, 48L), ((await ConflictsAsync()).Count, await CountedAsync()));
        Assert.Equal(24, (await ConflictsAsync()).Count(static c => c.Item6.StartsWith("1.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Values_of_all_types_may_be_written_last()
    {
        const string Columns = "a, b, c, d, e, f, g, h, i, j, k, l, m";
        const string Read = "SELECT concat(a, '|', b, '|', c, '|', d, '|', e, '|', f, '|', g, '|', h, '|', i, '|', j, '|', k, '|', l, '|', m) FROM kinds WHERE id = ";
        await ExecuteAsync(
            "CREATE TABLE kinds (id int PRIMARY KEY, a bool, b smallint, c real, d double precision, e uuid, f date, g time, h timestamp, i timestamptz, j json, k bytea, l numeric(6, 2), m varchar(5))");
        string[] values = ["true", "7", "1.5", "-2.25", "'01234567-89ab-cdef-0123-456789abcdef'", "'2026-01-02'", "'03:04:05'", "'2026-01-02 03:04:05'", "'2026-01-02 03:04:05+00'", "'{\"x\": 1}'", "'\\x0102'", "12.34", "'abc'"];
        await ExecuteAsync($"INSERT INTO kinds (id) VALUES (1)");
        await ExecuteAsync($"INSERT INTO kinds (id, {Columns}) VALUES (2, {string.Join(", ", values)})");
        await ExecuteAsync($"ALTER TABLE kinds ENABLE SPILLOVER ON ({Columns}) WITH (policy = 'last_write', max_age = '1h')");
        string settings = string.Join(", ", Columns.Split(", ").Zip(values, static (column, value) => $"{column} = {value}"));
        string none = string.Join(", ", Columns.Split(", ").Select(static column => $"{column} = NULL"));
        foreach (string set in (string[])[none, settings, settings])
        {
            Assert.Equal(1, await ExecuteAsync($"UPDATE kinds SET {set} WHERE id = 1"));
        }

        Assert.Equal(2, await PendingAsync());
        string? expected = await Connection.ExecuteScalarAsync<string>(Read + "2");
        Assert.Equal(expected, await Connection.ExecuteScalarAsync<string>(Read + "1"));
        await ExecuteAsync("MERGE SPILLOVER FOR TABLE kinds");
        Assert.Equal((0L, expected), (await PendingAsync(), await Connection.ExecuteScalarAsync<string>(Read + "1")));
    }

    [Theory]
    [InlineData("ON (units) WITH (policy = 'append')", "policy append is for text")]
    [InlineData("ON (state) WITH (policy = 'append')", "policy append is for text")]
    [InlineData("ON (id) WITH (policy = 'last_write')", "part of the key")]
    [InlineData("ON (units) WITH (policy = 'last_write')", "index \"by_units\" holds it")]
    [InlineData("ON (state) WITH (policy = 'timestamp')", "needs a column to decide by")]
    [InlineData("ON (at) WITH (policy = 'timestamp', by = 'state')", "it may be NULL")]
    [InlineData("ON (state) WITH (policy = 'last_write', by = 'at')", "belongs to policy timestamp")]
    [InlineData("ON (state, log) WITH (policy = 'last_write')", "CHECK \"short\" is about it")]
    public async Task What_cannot_be_put_in_order_is_refused_with_the_reason(string spillover, string text)
    {
        await ExecuteAsync(
            "CREATE TABLE jobs (id int PRIMARY KEY, state varchar(8), at bigint NOT NULL, units int NOT NULL, log text NOT NULL, CONSTRAINT short CHECK (length(log) < 9))");
        await ExecuteAsync("CREATE INDEX by_units ON jobs (units)");
        var failure = await Assert.ThrowsAsync<ShardSqlException>(() => ExecuteAsync("ALTER TABLE jobs ENABLE SPILLOVER " + spillover));
        Assert.Equal("0A000", failure.SqlState);
        Assert.Contains(text, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_policy_is_in_the_script_and_cannot_be_altered()
    {
        await CreateAsync("ON (state) WITH (policy = 'timestamp', by = 'at')");
        string script = (await Connection.QuerySingleAsync<(string, string, string Text)>("SHOW CREATE TABLE jobs")).Text;
        Assert.Contains("ON (state) WITH (policy = 'timestamp', by = 'at', trigger = 'always'", script, StringComparison.Ordinal);
        foreach (string option in (string[])["policy = 'last_write'", "by = 'units'"])
        {
            var failure = await Assert.ThrowsAsync<ShardSqlException>(
                () => ExecuteAsync($"ALTER TABLE jobs ALTER SPILLOVER WITH ({option})"));
            Assert.Equal("0A000", failure.SqlState);
        }
    }

    private async Task CreateAsync(string spillover)
    {
        await ExecuteAsync(
            "CREATE TABLE jobs (id int PRIMARY KEY, state varchar(8), at bigint NOT NULL, units int NOT NULL, log text NOT NULL) SHARD BY HASH (id)");
        await ExecuteAsync("INSERT INTO jobs VALUES (1, 'new', 0, 0, '>'), (2, 'new', 0, 0, '>')");
        await ExecuteAsync("ALTER TABLE jobs ENABLE SPILLOVER " + spillover);
    }

    private Task<int> SetAsync(int id, string? state) =>
        Connection.ExecuteAsync("UPDATE jobs SET state = @state WHERE id = @id", new { id, state });

    private Task<int> SetAtAsync(string state, int at) =>
        Connection.ExecuteAsync("UPDATE jobs SET at = @at, state = @state WHERE id = 1", new { state, at });

    private Task<int> AppendAsync(string? text) =>
        Connection.ExecuteAsync("UPDATE jobs SET log = log || @text WHERE id = 1", new { text });

    private Task<string?> StateAsync(int id) =>
        Connection.ExecuteScalarAsync<string>("SELECT state FROM jobs WHERE id = @id", new { id });

    private async Task<string> LogAsync() => (await Connection.ExecuteScalarAsync<string>("SELECT log FROM jobs WHERE id = 1"))!;

    private Task<long> PendingAsync() =>
        Connection.ExecuteScalarAsync<long>("SELECT COALESCE(SUM(pending), 0) FROM shard.spillover");

    private Task<long> CountedAsync() => Connection.ExecuteScalarAsync<long>("SELECT COALESCE(MAX(conflicts), 0) FROM shard.spillover");

    private async Task<List<(string, string, string, string, string, string)>> ConflictsAsync() =>
    [
        .. await Connection.QueryAsync<(string, string, string, string, string, string)>(
            "SELECT \"table\", key, \"column\", policy, winner, loser FROM shard.conflicts WHERE policy IS NOT NULL"),
    ];

    private async Task<string> ExplainAsync(string statement) =>
        string.Join('\n', await Connection.QueryAsync<string>("EXPLAIN " + statement));

    private async Task<int> MergeAsync(CancellationToken done)
    {
        await using ShardSqlConnection connection = await Source.OpenConnectionAsync(CancellationToken.None);
        int merged = 0;
        while (!done.IsCancellationRequested)
        {
            merged += await connection.ExecuteAsync("MERGE SPILLOVER FOR TABLE jobs KEY (1)");
        }

        return merged;
    }
}
