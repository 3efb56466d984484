using System;
using System.Linq;
using System.Threading.Tasks;
using ShardSql.Planning.Spillover;
using Xunit;

namespace ShardSql.Tests.Gateway;

/// <summary>What statements tell of rows that spill over by themselves, all at one moment.</summary>
public sealed class HotRowWatchTests
{
    // More than a moment needs of them.
    private const int Many = HotRows.AddsPerSecond / 8;

    [Fact]
    public async Task Additions_make_a_row_hot_and_explaining_them_does_not()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        await CreateAsync(session, "'auto'");
        await RepeatAsync(session, "EXPLAIN UPDATE t SET v = v + 1 WHERE id = 1", Many);
        await RepeatAsync(session, "UPDATE t SET v = v + 1 WHERE id = 1 AND w = 0", Many);
        Assert.False(await SpillsAsync(session, 1));
        await RepeatAsync(session, "UPDATE t SET v = v + 1 WHERE id = 1", Many);
        Assert.True(await SpillsAsync(session, 1));
        Assert.False(await SpillsAsync(session, 2));
        Assert.Equal(2 * Many, (await session.RunAsync("SELECT v FROM t WHERE id = 1")).Ok().Rows.Single()[0].AsInt64());
    }

    [Fact]
    public async Task A_row_that_is_read_much_stays_cold_unless_its_deltas_do_not_matter()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        await CreateAsync(session, "'auto'");
        foreach ((int id, string column) in ((int, string)[])[(1, "v"), (2, "w")])
        {
            await RepeatAsync(session, $"UPDATE t SET v = v + 1 WHERE id = {id}", 1);
            await RepeatAsync(session, $"SELECT {column} FROM t WHERE id = {id}", (HotRows.ReadsPerAdd * Many) + 1);
            await RepeatAsync(session, $"UPDATE t SET v = v + 1 WHERE id = {id}", Many - 1);
        }

        Assert.Equal((false, true), (await SpillsAsync(session, 1), await SpillsAsync(session, 2)));
    }

    [Fact]
    public async Task Only_a_table_that_is_to_has_hot_rows()
    {
        await using TestGateway gateway = await StartAsync();
        await using TestSession session = await gateway.OpenAsync();
        await CreateAsync(session, "'manual'");
        await RepeatAsync(session, "UPDATE t SET v = v + 1 WHERE id = 1", Many);
        Assert.False(await SpillsAsync(session, 1));
    }

    private static Task<TestGateway> StartAsync() => TestGateway.StartAsync(new FakeShardCluster(3), new StillTime());

    private static async Task CreateAsync(TestSession session, string trigger)
    {
        (await session.RunAsync("CREATE TABLE t (id int PRIMARY KEY, v bigint NOT NULL, w int NOT NULL)")).Ok();
        (await session.RunAsync("INSERT INTO t VALUES (1, 0, 0), (2, 0, 0)")).Ok();
        (await session.RunAsync($"ALTER TABLE t ENABLE SPILLOVER ON (v) WITH (trigger = {trigger}, max_age = '1h')")).Ok();
    }

    private static async Task RepeatAsync(TestSession session, string statement, int times)
    {
        for (int i = 0; i < times; i++)
        {
            (await session.RunAsync(statement)).Ok();
        }
    }

    private static async Task<bool> SpillsAsync(TestSession session, int id)
    {
        var lines = (await session.RunAsync($"EXPLAIN UPDATE t SET v = v + 1 WHERE id = {id}")).Ok().Rows;
        return lines.Any(static line => line[0].AsText().Contains("spillover delta", StringComparison.Ordinal));
    }

    /// <summary>No time passes between two measurements.</summary>
    private sealed class StillTime : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
