using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

using Dapper;

using ShardSql.Gateway.Hosting;

using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>RESHARD: rows that transactions touch together end up on one shard, and the statements go on meanwhile.</summary>
public sealed class ReshardTests
{
    private const int Accounts = 24;
    private const int Community = 4;
    private const int Payments = 1_200;

    [Fact]
    public async Task By_graph_hidden_communities_come_together_and_no_money_is_lost()
    {
        await using var cluster = await EmbeddedCluster.StartAsync(Options(3));
        await using ShardSqlDataSource source = ShardSqlDataSource.Create(cluster.ConnectionString);
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await connection.ExecuteAsync("CREATE TABLE accounts (id int PRIMARY KEY, balance int) SHARD BY HASH (id) INTO 6 SEGMENTS");
        await connection.ExecuteAsync(
            "INSERT INTO accounts VALUES (@id, 100)", Enumerable.Range(0, Accounts).Select(static id => new { id }));
        await PayAsync(connection, seed: 1);

        var explained = (await connection.QueryAsync("EXPLAIN RESHARD TABLE accounts BY GRAPH WITH (min_gain = '10%')"))
            .Select(static row => (IDictionary<string, object?>)row).ToList();
        var plan = (string)explained[0]["plan_id"]!;
        string summary = await connection.QuerySingleAsync<string>(
            "SELECT summary FROM shard.plans WHERE plan_id = @plan", new { plan });
        Assert.Matches(@"^moves \d+ rows \| cross-shard \d+(\.\d)? % -> \d+(\.\d)? % \| load skew 1\.\d\d -> 1\.\d\d$", summary);
        double before = await CrossShareAsync(connection);
        await using ShardSqlConnection payer = await source.OpenConnectionAsync();
        Task during = PayAsync(payer, seed: 2);
        var job = await connection.QuerySingleAsync("EXECUTE PLAN @plan", new { plan });
        Assert.Equal("succeeded", (string)job.state);
        await during;

        double after = await CrossShareAsync(connection);
        Assert.InRange(before, 0.5, 0.9);
        Assert.InRange(after, 0, before / 4);
        Assert.Equal(Accounts * 100, await connection.ExecuteScalarAsync<long>("SELECT sum(balance) FROM accounts"));
        Assert.Equal(Accounts, await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM accounts"));
        var again = await connection.QuerySingleAsync("RESHARD ALL BY GRAPH WITH (min_gain = '50%')");
        Assert.Equal("succeeded", (string)again.state);
        Assert.Contains("nothing to gain", (string)again.message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task By_size_a_heavy_shard_gives_segments_away()
    {
        await using var cluster = await EmbeddedCluster.StartAsync(Options(3));
        await using ShardSqlDataSource source = ShardSqlDataSource.Create(cluster.ConnectionString);
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await connection.ExecuteAsync(
            "CREATE TABLE t (id int PRIMARY KEY, v text) SHARD BY RANGE (id) SPLIT AT VALUES (100), (200), (300), (400), (500)");
        await connection.ExecuteAsync("MOVE SEGMENTS FROM t TO SHARD 1");
        await connection.ExecuteAsync(
            "INSERT INTO t VALUES (@id, @v)", Enumerable.Range(0, 60).Select(static i => new { id = i * 10, v = new string('x', 200) }));
        Assert.Equal("succeeded", (string)(await connection.QuerySingleAsync("RESHARD TABLE t BY SIZE WITH (balance = '1.1')")).state);
        Assert.Equal([2L, 2L, 2L], await connection.QueryAsync<long>(
            "SELECT count(*) FROM shard.segments WHERE from_key IS NOT NULL OR to_key IS NOT NULL GROUP BY shard ORDER BY shard"));
        Assert.Equal(60, await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task Split_at_load_divides_what_is_touched_and_says_when_it_knows_too_little()
    {
        await using var cluster = await EmbeddedCluster.StartAsync(Options(2));
        await using ShardSqlDataSource source = ShardSqlDataSource.Create(cluster.ConnectionString);
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await connection.ExecuteAsync("CREATE TABLE accounts (id int PRIMARY KEY, balance int) SHARD BY RANGE (id)");
        await connection.ExecuteAsync(
            "INSERT INTO accounts VALUES " + string.Join(", ", Enumerable.Range(0, 500).Select(static id => $"({id}, 100)")));
        string segment = await connection.ExecuteScalarAsync<string>("SELECT segment FROM shard.segments") ?? "";
        await PayAsync(connection, seed: 1);
        var plan = (await connection.QueryAsync($"EXPLAIN SPLIT SEGMENT '{segment}' AT LOAD"))
            .Select(static row => (IDictionary<string, object?>)row).ToList();
        Assert.Matches("^[(]([89]|1[0-6])[)]$", (string)plan[1]["from_key"]!);
        Assert.Equal(1, await connection.ExecuteScalarAsync<long>("SELECT count(*) FROM shard.segments"));
        Assert.Equal("succeeded", (string)(await connection.QuerySingleAsync($"SPLIT SEGMENT '{segment}' AT LOAD")).state);
        Assert.Equal(plan[1]["from_key"], await connection.ExecuteScalarAsync<string>("SELECT from_key FROM shard.segments WHERE from_key IS NOT NULL"));

        await connection.ExecuteAsync("CREATE TABLE quiet (id int PRIMARY KEY) SINGLE");
        string calm = await connection.ExecuteScalarAsync<string>("SELECT segment FROM shard.segments WHERE tables = 'quiet'") ?? "";
        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(
            () => connection.ExecuteAsync($"SPLIT SEGMENT '{calm}' AT LOAD"));
        Assert.Equal("55000", error.SqlState);
        Assert.Contains("AT MIDPOINT", error.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RESHARD ALL BY MAGIC", "0A000", "Write BY GRAPH, BY LOAD or BY SIZE.")]
    [InlineData("RESHARD ALL BY HASH INTO 4", "0A000", "Write SPLIT TABLE t INTO n, then RESHARD TABLE t BY SIZE.")]
    [InlineData("RESHARD ALL BY GRAPH OVER LAST '1h'", "0A000", "Leave it out: of what was touched together half is forgotten each minute.")]
    [InlineData("RESHARD ALL BY GRAPH WITH (min_gain = 'much')", "22023", "Write a share of 0 to 100 in percent: '10%'.")]
    [InlineData("RESHARD ALL BY SIZE WITH (balance = '0.5')", "22023", "Write how much more than the average a shard may bear, from 1 to 10: '1.2'.")]
    [InlineData("RESHARD TABLE nobody BY SIZE", "42P01", null)]
    public async Task What_cannot_be_done_says_what_can(string statement, string sqlState, string? hint)
    {
        await using var cluster = await EmbeddedCluster.StartAsync(Options(2));
        await using ShardSqlDataSource source = ShardSqlDataSource.Create(cluster.ConnectionString);
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(() => connection.ExecuteAsync(statement));
        Assert.Equal(sqlState, error.SqlState);
        Assert.Equal(hint ?? error.Hint, error.Hint);
    }

    private static async Task PayAsync(ShardSqlConnection connection, int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < Payments; i++)
        {
            int community = random.Next(Accounts / Community) * Community;
            (int from, int to) = (random.Next(Community), random.Next(Community - 1));
            await connection.ExecuteAsync(
                "BEGIN; UPDATE accounts SET balance = balance - 1 WHERE id = @from; "
                    + "UPDATE accounts SET balance = balance + 1 WHERE id = @to; COMMIT",
                new { from = community + from, to = community + ((from + 1 + to) % Community) });
        }
    }

    /// <summary>The share of pairs of one community that lie on two shards.</summary>
    private static async Task<double> CrossShareAsync(ShardSqlConnection connection)
    {
        var shards = new string[Accounts];
        for (int id = 0; id < Accounts; id++)
        {
            shards[id] = (string)(await connection.QuerySingleAsync("SHOW SEGMENT FOR ROW accounts KEY (@id)", new { id })).shard;
        }

        var pairs = (
            from one in Enumerable.Range(0, Accounts)
            from other in Enumerable.Range(one / Community * Community, Community)
            where one != other
            select shards[one] != shards[other]).ToList();
        return pairs.Count(static isCross => isCross) / (double)pairs.Count;
    }

    private static EmbeddedClusterOptions Options(int shards) => new()
    {
        Name = "reshard-" + Guid.NewGuid().ToString("N"), Nodes = 1, Shards = shards,
    };
}
