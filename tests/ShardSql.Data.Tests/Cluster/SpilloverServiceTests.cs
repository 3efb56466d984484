using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using Dapper;

using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>What spillover does by itself (sharding.md §4): it begins and ends for rows, and spill shards come and go.</summary>
public sealed class SpilloverServiceTests : OneNodeTests
{
    private const string Deposit = "UPDATE accounts SET balance = balance + 1 WHERE id = @id";
    private const int Writers = 8;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task A_row_begins_to_spill_when_it_is_hot_and_ends_when_it_is_calm()
    {
        await CreateAsync("ENABLE SPILLOVER ON (balance) WITH (trigger = 'auto', max_age = '1h')");
        await ExecuteAsync("UPDATE accounts SET balance = balance + 1 WHERE id = 2");
        await ExecuteAsync("UPDATE accounts SET balance = balance + 1 WHERE id = 2");
        Assert.Empty(await RowsAsync());
        Assert.DoesNotContain("delta", await ExplainAsync(), StringComparison.Ordinal);

        using var done = new CancellationTokenSource(s_limit);
        Task<int>[] writing = [.. Enumerable.Range(0, Writers).Select(_ => WriteAsync(1, done.Token))];
        await UntilAsync(async () => (await RowsAsync()).Any(static row => row.Pending > 0));
        Assert.Contains("spillover delta", await ExplainAsync(), StringComparison.Ordinal);
        Assert.All(await RowsAsync(), static row => Assert.Equal(("(1)", "hot"), (row.Key, row.Reason)));

        await done.CancelAsync();
        int written = (await Task.WhenAll(writing)).Sum();
        await UntilAsync(async () =>
            (await RowsAsync()).Count == 0 && !(await ExplainAsync()).Contains("delta", StringComparison.Ordinal));
        Assert.Equal(100 + written, await BalanceAsync(1));
        Assert.Equal(102, await BalanceAsync(2));
    }

    [Fact]
    public async Task Named_rows_take_deltas_whether_they_are_hot_or_not()
    {
        await CreateAsync("ENABLE SPILLOVER ON (balance) FOR KEYS ((3)) WITH (trigger = 'auto', max_age = '1h')");
        for (int i = 0; i < 3; i++)
        {
            await Connection.ExecuteAsync(Deposit, new { id = 3 });
        }

        Assert.Equal(2, (await RowsAsync()).Sum(static row => row.Pending));
        Assert.All(await RowsAsync(), static row => Assert.Equal("key", row.Reason));

        // What is named no more is brought home.
        await ExecuteAsync("ALTER TABLE accounts ALTER SPILLOVER FOR KEYS ((4))");
        await UntilAsync(async () => (await RowsAsync()).Count == 0);
        Assert.Equal(103, await BalanceAsync(3));
        Assert.Contains("trigger = 'auto'", await ScriptAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Transactions_in_each_others_way_make_a_row_hot()
    {
        await CreateAsync("ENABLE SPILLOVER ON (balance) WITH (trigger = 'auto', max_age = '1h')");
        using var done = new CancellationTokenSource(s_limit);
        Task<int>[] writing = [.. Enumerable.Range(0, Writers).Select(writer => PayAsync(1, 1_000_000 * (writer + 1), done.Token))];
        await UntilAsync(async () => (await RowsAsync()).Any(static row => row.Pending > 0));
        await done.CancelAsync();
        int written = (await Task.WhenAll(writing)).Sum();
        await UntilAsync(async () => (await RowsAsync()).Count == 0);
        Assert.Equal(100 + written, await BalanceAsync(1));
        Assert.Equal(4 + written, await Connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM accounts"));
    }

    [Fact]
    public async Task Deltas_are_merged_as_often_as_a_table_asks_for()
    {
        await CreateAsync("ENABLE SPILLOVER ON (balance) WITH (max_age = '1h', merge_every = '50ms')");
        await Connection.ExecuteAsync(Deposit, new { id = 1 });
        await Connection.ExecuteAsync(Deposit, new { id = 1 });
        await UntilAsync(async () => (await RowsAsync()).Sum(static row => row.Pending) == 0);
        Assert.Equal(102, await BalanceAsync(1));
        Assert.All(await RowsAsync(), static row => Assert.Equal("always", row.Reason));
    }

    [Fact]
    public async Task Deltas_of_a_row_that_is_read_much_are_merged()
    {
        await CreateAsync("ENABLE SPILLOVER ON (balance) WITH (max_age = '1h')");
        for (int i = 0; i < 41; i++)
        {
            await Connection.ExecuteAsync(Deposit, new { id = 1 });
            await Connection.ExecuteAsync(Deposit, new { id = 2 });
        }

        Assert.Equal(80, (await RowsAsync()).Sum(static row => row.Pending));
        await UntilAsync(async () =>
        {
            Assert.Equal(141, await BalanceAsync(1));
            return (await RowsAsync()).Where(static row => row.Key == "(1)").All(static row => row.Pending == 0);
        });
        Assert.Equal(40, (await RowsAsync()).Sum(static row => row.Pending));
    }

    [Fact]
    public async Task A_row_uses_as_many_slots_as_it_may_and_its_key_says_which()
    {
        await CreateAsync("ENABLE SPILLOVER ON (balance) WITH (slots = 4, n = 2, max_age = '1h')");
        for (int i = 0; i < 40; i++)
        {
            await Connection.ExecuteAsync(Deposit, new { id = (i % 4) + 1 });
        }

        IReadOnlyList<Spilled> rows = await RowsAsync();
        Assert.All(rows.GroupBy(static row => row.Key), static row => Assert.Equal(2, row.Count()));
        Assert.Equal(4 * 9, rows.Sum(static row => row.Pending));
        Assert.True(rows.Select(static row => row.Slot).Distinct().Count() > 2);
        Assert.Equal(440, await Connection.ExecuteScalarAsync<decimal>("SELECT SUM(balance) FROM accounts"));

        // Another share of the slots leaves what is there where it is.
        await ExecuteAsync("ALTER TABLE accounts ALTER SPILLOVER WITH (n = 1)");
        for (int i = 0; i < 20; i++)
        {
            await Connection.ExecuteAsync(Deposit, new { id = (i % 4) + 1 });
        }

        Assert.Equal(460, await Connection.ExecuteScalarAsync<decimal>("SELECT SUM(balance) FROM accounts"));
        await ExecuteAsync("MERGE SPILLOVER FOR TABLE accounts");
        Assert.Equal(460, await Connection.ExecuteScalarAsync<decimal>("SELECT SUM(balance) FROM accounts"));
    }

    [Fact]
    public async Task Slots_come_and_go_beside_writers_and_moves_and_nothing_is_lost()
    {
        await CreateAsync("ENABLE SPILLOVER ON (balance) WITH (slots = 1, max_age = '1h')");
        using var done = new CancellationTokenSource(s_limit);
        Task<int>[] writing =
        [
            WriteAsync(1, done.Token), WriteAsync(2, done.Token), PayAsync(1, 1_000_000, done.Token), PayAsync(2, 2_000_000, done.Token),
        ];
        await UntilAsync(async () => (await RowsAsync()).Sum(static row => row.Pending) > 20);
        Assert.Single(await SegmentsAsync());

        await ExecuteAsync("ALTER TABLE accounts ALTER SPILLOVER WITH (slots = 4)");
        IReadOnlyList<(string Segment, string Shard)> segments = await SegmentsAsync();
        Assert.Equal(["s1", "s1", "s2", "s3"], segments.Select(static segment => segment.Shard).Order());
        await UntilAsync(async () => (await RowsAsync()).Where(static row => row.Pending > 0).Select(static row => row.Slot).Distinct().Count() == 4);
        foreach ((string segment, string shard) in segments.Take(2))
        {
            JobRow job = await JobAsync($"MOVE SEGMENT '{segment}' TO SHARD {(shard == "s3" ? 2 : 3)} WITH (wait = '60s')");
            Assert.Equal("succeeded", job.State);
        }

        await ExecuteAsync("ALTER TABLE accounts ALTER SPILLOVER WITH (slots = 2)");
        await UntilAsync(async () => (await SegmentsAsync()).Count == 2);
        Assert.All(await RowsAsync(), static row => Assert.InRange(row.Slot, 0, 1));
        await ExecuteAsync("ALTER TABLE accounts ALTER SPILLOVER WITH (slots = 3)");
        await UntilAsync(async () => (await RowsAsync()).Any(static row => row is { Slot: 2, Pending: > 0 }));

        await done.CancelAsync();
        int[] written = await Task.WhenAll(writing);
        Assert.Equal((100 + written[0] + written[2], 100 + written[1] + written[3]), (await BalanceAsync(1), await BalanceAsync(2)));
        await ExecuteAsync("ALTER TABLE accounts DISABLE SPILLOVER");
        Assert.Equal((100 + written[0] + written[2], 100 + written[1] + written[3]), (await BalanceAsync(1), await BalanceAsync(2)));
        Assert.Empty(await SegmentsAsync());
    }

    [Fact]
    public async Task A_delta_that_was_written_before_the_slots_changed_is_refused_and_may_come_again()
    {
        await CreateAsync("ENABLE SPILLOVER ON (balance) WITH (slots = 2, max_age = '1h')");
        await Connection.ExecuteAsync(Deposit, new { id = 1 });
        await using ShardSqlConnection other = await Source.OpenConnectionAsync();
        await using (ShardSqlTransaction transaction = await other.BeginTransactionAsync())
        {
            await other.ExecuteAsync(Deposit, new { id = 1 }, transaction);
            await ExecuteAsync("ALTER TABLE accounts ALTER SPILLOVER WITH (slots = 1)");
            var refused = await Assert.ThrowsAsync<ShardSqlException>(() => transaction.CommitAsync());
            Assert.Equal(("40001", true), (refused.SqlState, refused.IsTransient));
        }

        await Connection.ExecuteAsync(Deposit, new { id = 1 });
        Assert.Equal(102, await BalanceAsync(1));
    }

    [Fact]
    public async Task Load_makes_a_slot_and_calm_takes_it_away()
    {
        await CreateAsync(
            "ENABLE SPILLOVER ON (balance) WITH (min_shards = 1, max_shards = 2, split_at = '10/s', merge_at = '2/s', n = 2)");
        await ExecuteAsync("ALTER TABLE accounts ALTER SPILLOVER WITH (slots = 1)");
        await UntilAsync(async () => (await SegmentsAsync()).Count == 1);
        await ExecuteAsync("ALTER TABLE accounts ALTER SPILLOVER WITH (min_shards = 1, max_shards = 2)");
        using var done = new CancellationTokenSource(s_limit);
        Task<int>[] writing = [WriteAsync(1, done.Token), WriteAsync(1, done.Token)];
        await UntilAsync(async () => (await SegmentsAsync()).Count == 2);
        Assert.Equal(2, (await SegmentsAsync()).Select(static segment => segment.Shard).Distinct().Count());
        await done.CancelAsync();
        int written = (await Task.WhenAll(writing)).Sum();
        await UntilAsync(async () => (await SegmentsAsync()).Count == 1);
        Assert.Equal(100 + written, await BalanceAsync(1));
        Assert.Contains("min_shards = 1, max_shards = 2, split_at = '10/s', merge_at = '2/s'", await ScriptAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("trigger = 'sometimes'", "'auto'")]
    [InlineData("min_shards = 0", "from 1 to 64")]
    [InlineData("max_shards = 65", "from 1 to 64")]
    [InlineData("min_shards = 4, max_shards = 2", "min_shards is at most max_shards")]
    [InlineData("n = 0", "from 1 to 64")]
    [InlineData("split_at = 'often'", "from 1 to 1000000")]
    [InlineData("merge_at = '0/s'", "from 1 to 1000000")]
    [InlineData("split_at = '10/s', merge_at = '10/s'", "merge_at is below split_at")]
    [InlineData("merge_every = '1ms'", "50 ms or more")]
    [InlineData("merge_every = 'daily'", "a number and its unit")]
    public async Task Options_out_of_range_are_refused_with_what_is_meant(string options, string hint)
    {
        await CreateAsync(null);
        var failure = await Assert.ThrowsAsync<ShardSqlException>(
            () => ExecuteAsync($"ALTER TABLE accounts ENABLE SPILLOVER ON (balance) WITH ({options})"));
        Assert.Equal("22023", failure.SqlState);
        Assert.Contains(hint, failure.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("trigger = 'auto', slots = 2, n = 1, max_pending = 7, max_age = '5000ms', merge_every = '100ms'")]
    [InlineData("trigger = 'auto', min_shards = 2, max_shards = 8, split_at = '500/s', merge_at = '50/s', n = 4, max_pending = 7, max_age = '5000ms'")]
    public async Task Options_are_shown_as_they_are_given(string options)
    {
        await CreateAsync($"ENABLE SPILLOVER ON (balance) FOR KEYS ((1)) WITH ({options})");
        Assert.EndsWith($"ENABLE SPILLOVER ON (balance) FOR KEYS ((1)) WITH ({options})", await ScriptAsync(), StringComparison.Ordinal);
        var failure = await Assert.ThrowsAsync<ShardSqlException>(
            () => ExecuteAsync("ALTER TABLE accounts ALTER SPILLOVER WITH (min_shards = 9, max_shards = 8)"));
        Assert.Equal("22023", failure.SqlState);
    }

    private async Task CreateAsync(string? spillover)
    {
        await ExecuteAsync(
            "CREATE TABLE accounts (id int PRIMARY KEY, name text NOT NULL, balance numeric(12, 2) NOT NULL) SHARD BY HASH (id)");
        await ExecuteAsync("INSERT INTO accounts VALUES (1, 'a', 100), (2, 'b', 100), (3, 'c', 100), (4, 'd', 100)");
        if (spillover is not null)
        {
            await ExecuteAsync("ALTER TABLE accounts " + spillover);
        }
    }

    /// <summary>Adds to a row until it is told to end; gives how often.</summary>
    private async Task<int> WriteAsync(int id, CancellationToken done)
    {
        await using ShardSqlConnection connection = await Source.OpenConnectionAsync(CancellationToken.None);
        int written = 0;
        for (; !done.IsCancellationRequested; written++)
        {
            await connection.ExecuteAsync(Deposit, new { id });
        }

        return written;
    }

    /// <summary>The same as a part of payments over several shards.</summary>
    private async Task<int> PayAsync(int id, int first, CancellationToken done)
    {
        int written = 0;
        for (; !done.IsCancellationRequested; written++)
        {
            int payment = first + written;
            await Source.ExecuteInTransactionAsync(
                async (inside, transaction, _) =>
                {
                    await inside.ExecuteAsync(Deposit, new { id }, transaction);
                    await inside.ExecuteAsync("INSERT INTO accounts VALUES (@payment, 'payment', 0)", new { payment }, transaction);
                },
                cancellationToken: CancellationToken.None);
        }

        return written;
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var limit = new CancellationTokenSource(s_limit);
        while (!await isSo())
        {
            limit.Token.ThrowIfCancellationRequested();
        }
    }

    private Task<decimal> BalanceAsync(int id) =>
        Connection.ExecuteScalarAsync<decimal>("SELECT balance FROM accounts WHERE id = @id", new { id });

    private async Task<IReadOnlyList<Spilled>> RowsAsync() => [.. (await Connection.QueryAsync<(string, string, int, long)>(
        "SELECT row_key, reason, slot, pending FROM shard.spillover")).Select(static row => new Spilled(row.Item1, row.Item2, row.Item3, row.Item4))];

    private async Task<IReadOnlyList<(string Segment, string Shard)>> SegmentsAsync() =>
    [
        .. await Connection.QueryAsync<(string, string)>(
            "SELECT segment, shard FROM shard.segments WHERE tables NOT LIKE '%accounts%' ORDER BY segment"),
    ];

    private async Task<string> ExplainAsync() =>
        string.Join('\n', await Connection.QueryAsync<string>("EXPLAIN UPDATE accounts SET balance = balance + 1 WHERE id = 1"));

    private async Task<string> ScriptAsync() =>
        (await Connection.QuerySingleAsync<(string, string, string Text)>("SHOW CREATE TABLE accounts")).Text;

    private sealed record Spilled(string Key, string? Reason, int Slot, long Pending);
}
