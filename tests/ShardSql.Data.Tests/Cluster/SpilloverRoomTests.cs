using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using Dapper;

using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>Rows with little room (sharding.md §4): deltas do not know what the others come to. What was acknowledged is never lost,
/// reads show all of it, and who adds more is told at the statement.</summary>
public sealed class SpilloverRoomTests : OneNodeTests
{
    // A row has at most 4 MiB.
    private const int PartLength = 60_000;
    private const string Long = "repeat('a', 900000) || repeat('a', 900000) || repeat('a', 900000) || repeat('a', 900000)";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_sum_near_the_end_of_its_column_takes_no_deltas_and_is_refused_at_the_statement()
    {
        await CreateAsync("(balance) WITH (max_age = '1h')", "numeric(6, 2) NOT NULL");
        await AddAsync(1, 1);
        await AddAsync(1, 9_000);
        Assert.Equal((9_001m, 1L), (await BalanceAsync(1), await PendingAsync()));

        // A merge closes it; from then on each UPDATE is exact.
        Assert.Equal(1, await ExecuteAsync("MERGE SPILLOVER FOR TABLE accounts"));
        Assert.Empty(await RowsAsync());
        await AddAsync(1, 998.99m);
        Assert.Equal((9_999.99m, 0L), (await BalanceAsync(1), await PendingAsync()));
        Assert.Equal("22003", (await RefusedAsync(() => AddAsync(1, 0.01m))).SqlState);
        Assert.Equal(9_999.99m, await BalanceAsync(1));

        // With room it takes deltas again.
        await AddAsync(1, -9_000);
        await AddAsync(1, -1);
        Assert.Equal((998.99m, 1L), (await BalanceAsync(1), await PendingAsync()));
    }

    [Theory]
    [InlineData("numeric(6, 2) NOT NULL", "")]
    [InlineData("numeric(6, 2) NOT NULL CHECK (balance >= 0)", "policy = 'bounded_sum', slots = 3, ")]
    public async Task A_sum_beyond_its_column_is_shown_and_stays_until_it_fits(string type, string policy)
    {
        await CreateAsync($"(balance) FOR KEYS ((1), (2)) WITH ({policy}max_age = '1h')", type);
        await AddAsync(1, 1);
        await AddAsync(2, 1);
        await AddAsync(2, 1);
        for (int i = 0; i < 3; i++)
        {
            await AddAsync(1, 5_000);
        }

        // Beside others, and in each of them.
        ShardSqlException refused = await RefusedAsync(() => ExecuteAsync("MERGE SPILLOVER FOR TABLE accounts"));
        Assert.Equal(("22003", "accounts"), (refused.SqlState, refused.Table));
        Assert.Contains("row (1)", refused.Message, StringComparison.Ordinal);
        Assert.Contains("UPDATE the row", refused.Hint, StringComparison.Ordinal);
        Assert.Equal("22003", (await RefusedAsync(() => ExecuteAsync("MERGE SPILLOVER FOR TABLE accounts KEY (1)"))).SqlState);
        Assert.Equal("22003", (await RefusedAsync(() => AddAsync(1, 1))).SqlState);
        Assert.Equal("22003", (await RefusedAsync(() => ExecuteAsync("ALTER TABLE accounts DISABLE SPILLOVER"))).SqlState);
        Assert.Equal((15_001m, 2m), (await BalanceAsync(1), await BalanceAsync(2)));
        Assert.Equal(3, await PendingAsync());
        Assert.All((await RowsAsync()).Where(static row => row.Pending > 0), static row =>
        {
            Assert.Equal("(1)", row.Key);
            Assert.Null(row.Reason);
            Assert.Contains("too little room", row.Problem, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("balance = balance - 10000", 5_001)]
    [InlineData("balance = 7", 7)]
    [InlineData("balance = balance / 10", 1_500.1)]
    public async Task What_brings_a_sum_back_lets_it_be_merged(string change, double left)
    {
        await CreateAsync("(balance) WITH (max_age = '1h')", "numeric(6, 2) NOT NULL");
        await AddAsync(1, 1);
        for (int i = 0; i < 3; i++)
        {
            await AddAsync(1, 5_000);
        }

        await RefusedAsync(() => ExecuteAsync("MERGE SPILLOVER FOR TABLE accounts"));
        Assert.Equal(1, await ExecuteAsync($"UPDATE accounts SET {change} WHERE id = 1"));
        Assert.Equal((decimal)left, await BalanceAsync(1));
        await AddAsync(1, 1);
        await AddAsync(1, 1);
        await ExecuteAsync("MERGE SPILLOVER FOR TABLE accounts");
        Assert.Equal(((decimal)left + 2, 0L), (await BalanceAsync(1), await PendingAsync()));
        Assert.All(await RowsAsync(), static row => Assert.Null(row.Problem));
        await ExecuteAsync("DELETE FROM accounts WHERE id = 1");
        Assert.Empty(await RowsAsync());
    }

    [Fact]
    public async Task The_service_closes_what_does_not_fit_and_goes_on_with_the_others()
    {
        await CreateAsync("(balance) WITH (max_age = '1h')", "numeric(6, 2) NOT NULL");
        await AddAsync(1, 1);
        await AddAsync(2, 1);
        for (int i = 0; i < 3; i++)
        {
            await AddAsync(1, 5_000);
        }

        await ExecuteAsync("ALTER TABLE accounts ALTER SPILLOVER WITH (max_age = '1ms')");
        await UntilAsync(async () => (await RowsAsync()).Any(static row => row.Problem is not null));
        await AddAsync(2, 1);
        await UntilAsync(async () => !(await RowsAsync()).Any(static row => row is { Key: "(2)", Pending: > 0 }));
        Assert.Equal((15_001m, 2m), (await BalanceAsync(1), await BalanceAsync(2)));
        await ExecuteAsync("DELETE FROM accounts WHERE id = 1");
        Assert.DoesNotContain(await RowsAsync(), static row => row.Key == "(1)");
    }

    [Fact]
    public async Task An_append_that_a_row_has_no_room_for_is_refused_at_the_statement()
    {
        await CreateAsync("(log) WITH (policy = 'append', max_age = '1h')", "numeric(6, 2) NOT NULL");
        await ExecuteAsync($"UPDATE accounts SET log = {Long} WHERE id = 1");
        await AppendAsync("first");
        await AppendAsync(new string('b', 200_000));
        Assert.Equal((3_800_005, 0L), (await LengthAsync(), await PendingAsync()));
        string part = new('c', PartLength);
        int appended = 0;
        for (; appended < 10; appended++)
        {
            if (await Record.ExceptionAsync(() => AppendAsync(part)) is { } failure)
            {
                Assert.Equal("54000", Assert.IsType<ShardSqlException>(failure).SqlState);
                break;
            }
        }

        Assert.Equal(6, appended);
        Assert.Equal((3_800_005 + (appended * PartLength), 0L), (await LengthAsync(), await PendingAsync()));
    }

    [Fact]
    public async Task Appends_beyond_the_limit_of_a_row_are_kept_until_there_is_room()
    {
        await CreateAsync("(log) WITH (policy = 'append', max_age = '1h')", "numeric(6, 2) NOT NULL");
        await AppendAsync("<");
        await ExecuteAsync($"UPDATE accounts SET log = log || {Long} WHERE id = 1");
        string part = new('b', PartLength);
        for (int i = 0; i < 12; i++)
        {
            await AppendAsync(part);
        }

        int length = 1 + 3_600_000 + (12 * PartLength);
        Assert.Equal((length, 12L), (await LengthAsync(), await PendingAsync()));
        Assert.Equal("54000", (await RefusedAsync(() => ExecuteAsync("MERGE SPILLOVER FOR TABLE accounts"))).SqlState);
        Assert.Equal("54000", (await RefusedAsync(() => AppendAsync("c"))).SqlState);
        Assert.Equal((length, 12L), (await LengthAsync(), await PendingAsync()));
        Assert.All(await RowsAsync(), static row => Assert.NotNull(row.Problem));

        await ExecuteAsync("UPDATE accounts SET log = substr(log, 3600000, 5) WHERE id = 1");
        await AppendAsync("c");
        await AppendAsync("d");
        Assert.Equal("aabbbcd", await Connection.ExecuteScalarAsync<string>("SELECT log FROM accounts WHERE id = 1"));
        await ExecuteAsync("MERGE SPILLOVER FOR TABLE accounts");
        Assert.Equal((7, 0L), (await LengthAsync(), await PendingAsync()));
    }

    private async Task CreateAsync(string spillover, string type)
    {
        await ExecuteAsync($"CREATE TABLE accounts (id int PRIMARY KEY, log text NOT NULL, balance {type}) SHARD BY HASH (id)");
        await ExecuteAsync("INSERT INTO accounts VALUES (1, '', 0), (2, '', 0)");
        await ExecuteAsync("ALTER TABLE accounts ENABLE SPILLOVER ON " + spillover);
    }

    private Task<int> AddAsync(int id, decimal amount) =>
        Connection.ExecuteAsync("UPDATE accounts SET balance = balance + @amount WHERE id = @id", new { id, amount });

    private Task<int> AppendAsync(string text) =>
        Connection.ExecuteAsync("UPDATE accounts SET log = log || @text WHERE id = 1", new { text });

    private static Task<ShardSqlException> RefusedAsync(Func<Task<int>> statement) => Assert.ThrowsAsync<ShardSqlException>(statement);

    private Task<decimal> BalanceAsync(int id) =>
        Connection.ExecuteScalarAsync<decimal>("SELECT balance FROM accounts WHERE id = @id", new { id });

    private Task<int> LengthAsync() => Connection.ExecuteScalarAsync<int>("SELECT length(log) FROM accounts WHERE id = 1");

    private Task<long> PendingAsync() =>
        Connection.ExecuteScalarAsync<long>("SELECT COALESCE(SUM(pending), 0) FROM shard.spillover");

    private async Task<IReadOnlyList<Spilled>> RowsAsync() =>
    [
        .. (await Connection.QueryAsync<(string, string?, long, string?)>(
            "SELECT row_key, reason, pending, problem FROM shard.spillover"))
            .Select(static row => new Spilled(row.Item1, row.Item2, row.Item3, row.Item4)),
    ];

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var limit = new CancellationTokenSource(s_limit);
        while (!await isSo())
        {
            limit.Token.ThrowIfCancellationRequested();
        }
    }

    private sealed record Spilled(string Key, string? Reason, long Pending, string? Problem);
}
