using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using Dapper;

using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>ALTER TABLE ... SET placement: statements go on while a table gets other segments, or its rows other keys.</summary>
public sealed class PlacementTests : OneNodeTests
{
    private const int Rows = 300;

    [Fact]
    public async Task By_range_instead_of_by_hash_while_rows_are_written_and_back_again()
    {
        await CreateAccountsAsync();
        using var stop = new CancellationTokenSource();
        Task<int>[] payers = [PayAsync(1, stop.Token), PayAsync(2, stop.Token)];
        JobRow job = await JobAsync("ALTER TABLE accounts SET SHARD BY RANGE (id) SPLIT AT VALUES (100), (200)");
        Assert.Equal(("ALTER TABLE", "succeeded"), (job.Kind, job.State));
        await RequireWholeAsync("SHARD BY RANGE (id) SPLIT AT VALUES (100), (200)");

        JobRow back = await JobAsync($"REVERT JOB {job.Job_id}");
        await JobAsync($"WAIT JOB {back.Job_id}");
        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(payers), static payments => Assert.True(payments > 0));
        await RequireWholeAsync("SHARD BY HASH (id) INTO 3 SEGMENTS");
        Assert.Equal(
            "REVERT ALTER TABLE", await Connection.ExecuteScalarAsync<string>("SELECT kind FROM shard.jobs WHERE job_id = @Job_id", back));
    }

    [Fact]
    public async Task A_plan_of_a_colocation_is_kept_and_run()
    {
        await CreateAccountsAsync();
        await ExecuteAsync("CREATE TABLE owners (name text PRIMARY KEY) SHARD BY HASH (name)");
        await ExecuteAsync(
            "CREATE TABLE pets (owner text NOT NULL, nr int, PRIMARY KEY (nr, owner)) SHARD BY HASH (nr)");
        await ExecuteAsync("INSERT INTO pets (owner, nr) VALUES ('a', 1), ('a', 2), ('b', 1), ('c', 9)");
        await ExecuteAsync("INSERT INTO owners VALUES ('a'), ('b'), ('c')");
        const string Change = "ALTER TABLE pets SET COLOCATED WITH owners ON (owner)";
        var plan = (IDictionary<string, object?>)(await Connection.QueryAsync("EXPLAIN " + Change)).First();
        Assert.Equal("SHARD BY HASH (nr) INTO 3 SEGMENTS", await ClauseAsync("pets"));
        Assert.Equal((4L, "ALTER TABLE"), ((long)plan["est_rows"]!, (string)plan["action"]!));
        JobRow job = await JobAsync($"EXECUTE PLAN '{plan["plan_id"]}'");
        Assert.Equal("succeeded", job.State);
        Assert.Equal("COLOCATED WITH owners ON (owner)", await ClauseAsync("pets"));
        Assert.Equal(
            ["a 1", "a 2", "b 1", "c 9"],
            await Connection.QueryAsync<string>(
                "SELECT owner || ' ' || nr FROM pets JOIN owners ON name = owner ORDER BY owner, nr"));
        await Assert.ThrowsAsync<ShardSqlException>(() => ExecuteAsync("INSERT INTO pets (owner, nr) VALUES ('c', 9)"));
        await ExecuteAsync("INSERT INTO pets (owner, nr) VALUES ('c', 1)");
        Assert.Empty(await Connection.QueryAsync("SHOW INDEXES WHERE table_name = 'pets'"));
    }

    [Fact]
    public async Task A_reader_of_an_old_snapshot_finds_the_rows_that_it_had_and_a_cancelled_job_leaves_nothing()
    {
        await CreateAccountsAsync();
        await using ShardSqlConnection reader = await Source.OpenConnectionAsync();
        await reader.ExecuteAsync("BEGIN READ ONLY");
        Assert.Equal(Rows, await reader.ExecuteScalarAsync<long>("SELECT count(*) FROM accounts"));
        JobRow job = await JobAsync("ALTER TABLE accounts SET SINGLE WITH (wait = '0s')");
        string waiting = "";
        while (waiting.Length == 0)
        {
            Assert.Equal("running", (await JobAsync($"WAIT JOB {job.Job_id} TIMEOUT '100ms'")).State);
            waiting = await Connection.ExecuteScalarAsync<string>("SELECT waiting_for FROM shard.jobs WHERE job_id = @Job_id", job) ?? "";
        }

        Assert.Equal("readers of older snapshots", waiting);
        await ExecuteAsync("DELETE FROM accounts WHERE id < 10");
        Assert.Equal(Rows, await reader.ExecuteScalarAsync<long>("SELECT count(*) FROM accounts"));
        await ExecuteAsync($"CANCEL JOB {job.Job_id}");
        Assert.Equal("cancelled", (await JobAsync($"WAIT JOB {job.Job_id}")).State);
        await reader.ExecuteAsync("COMMIT");
        Assert.Equal("SHARD BY HASH (id) INTO 3 SEGMENTS", await ClauseAsync("accounts"));
        Assert.Empty(await Connection.QueryAsync("SHOW INDEXES WHERE table_name = 'accounts'"));
        Assert.Equal(Rows - 10, await Connection.ExecuteScalarAsync<long>("SELECT count(*) FROM accounts"));
        Assert.Equal(4, await Connection.ExecuteScalarAsync<long>("SELECT count(*) FROM shard.segments"));
    }

    [Fact]
    public async Task Where_rows_keep_their_keys_segments_are_arranged_evenly_and_back_again()
    {
        await CreateAccountsAsync();
        JobRow job = await JobAsync("ALTER TABLE accounts SET SHARD BY HASH (id) INTO 7 SEGMENTS");
        Assert.Equal(("succeeded", "SHARD BY HASH (id) INTO 7 SEGMENTS"), (job.State, await ClauseAsync("accounts")));
        Assert.Equal([2L, 2L, 3L], await SegmentsOfShardsAsync("accounts"));
        Assert.Equal(Rows, await Connection.ExecuteScalarAsync<long>("SELECT count(*) FROM accounts"));
        await JobAsync($"WAIT JOB {(await JobAsync($"REVERT JOB {job.Job_id}")).Job_id}");
        Assert.Equal([1L, 1L, 1L], await SegmentsOfShardsAsync("accounts"));

        await ExecuteAsync("CREATE TABLE one (id int PRIMARY KEY) SINGLE ON SHARD 1");
        await ExecuteAsync("INSERT INTO one VALUES (1), (2)");
        await ExecuteAsync("ALTER TABLE one SET SINGLE ON SHARD 3");
        Assert.Equal(("SINGLE ON SHARD 3", 2L), (await ClauseAsync("one"), await Connection.ExecuteScalarAsync<long>("SELECT count(*) FROM one")));
        Assert.Contains(
            "placed like this already",
            (string)(await Connection.QuerySingleAsync("ALTER TABLE one SET SINGLE")).message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ALTER TABLE t SET REFERENCE", "0A000")]
    [InlineData("ALTER TABLE t SET SHARD BY HASH (v)", "0A000")]
    [InlineData("ALTER TABLE indexed SET SHARD BY RANGE (id)", "55000")]
    [InlineData("ALTER TABLE keyless SET SHARD BY HASH (v)", "55000")]
    [InlineData("ALTER TABLE t SET SHARD BY RANGE (nothing)", "42703")]
    [InlineData("ALTER TABLE nobody SET SINGLE", "42P01")]
    [InlineData("ALTER TABLE t SET SHARD BY RANGE (id) WITH (max_write_pause = '1s')", "22023")]
    [InlineData("ALTER TABLE t SET SHARD BY RANGE (id) WITH (throttle = 'fast')", "22023")]
    [InlineData("CREATE INDEX t_v ON t (v) WITH (verify = false)", "22023")]
    public async Task What_cannot_be_done_says_what_can(string statement, string sqlState)
    {
        await ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, v int)");
        await ExecuteAsync("CREATE TABLE indexed (id int PRIMARY KEY, v int UNIQUE)");
        await ExecuteAsync("CREATE TABLE keyless (v int)");
        ShardSqlException error = await Assert.ThrowsAsync<ShardSqlException>(() => ExecuteAsync(statement));
        Assert.Equal(sqlState, error.SqlState);
        Assert.True(sqlState.StartsWith("42", StringComparison.Ordinal) || error.Hint is { Length: > 0 });
    }

    [Fact]
    public async Task A_table_that_gets_a_column_while_it_is_rewritten_stays_as_it_is()
    {
        await CreateAccountsAsync();
        JobRow job = await JobAsync("ALTER TABLE accounts SET SINGLE WITH (wait = '0s')");
        await ExecuteAsync("ALTER TABLE accounts ADD COLUMN late int DEFAULT 3");
        await Assert.ThrowsAsync<ShardSqlException>(() => JobAsync("ALTER TABLE accounts SET SINGLE"));
        Assert.Equal("failed", (await JobAsync($"WAIT JOB {job.Job_id}")).State);
        Assert.Contains(
            "a column was added",
            await Connection.ExecuteScalarAsync<string>("SELECT last_error FROM shard.jobs WHERE job_id = @Job_id", job),
            StringComparison.Ordinal);
        Assert.Equal(3 * Rows, await Connection.ExecuteScalarAsync<long>("SELECT sum(late) FROM accounts"));
        JobRow again = await JobAsync($"RETRY JOB {job.Job_id}");
        Assert.Equal("succeeded", (await JobAsync($"WAIT JOB {again.Job_id}")).State);
        Assert.Equal(3 * Rows, await Connection.ExecuteScalarAsync<long>("SELECT sum(late) FROM accounts"));
    }

    /// <summary>A table whose columns have gaps in their numbers, one of them from after the rows; a parent, a child and an
    /// identity column.</summary>
    private async Task CreateAccountsAsync()
    {
        await ExecuteAsync("CREATE TABLE banks (nr int PRIMARY KEY) SINGLE");
        await ExecuteAsync(
            "CREATE TABLE accounts (gone int, balance int NOT NULL CHECK (balance > -100000), bank int REFERENCES banks, "
            + "id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY) SHARD BY HASH (id)");
        await ExecuteAsync("INSERT INTO banks VALUES (1), (2)");
        await ExecuteAsync(
            "INSERT INTO accounts (gone, balance, bank, id) VALUES "
            + string.Join(", ", Enumerable.Range(0, Rows).Select(static id => $"(7, 100, {1 + (id % 2)}, {id})")));
        await ExecuteAsync("ALTER TABLE accounts DROP COLUMN gone");
        await ExecuteAsync("ALTER TABLE accounts ADD COLUMN kind text DEFAULT 'old'");
    }

    private async Task RequireWholeAsync(string clause)
    {
        Assert.Equal(clause, await ClauseAsync("accounts"));
        dynamic sums = await Connection.QuerySingleAsync(
            "SELECT count(*) AS n, sum(balance) AS s, sum(id) AS ids, sum(bank) AS banks FROM accounts WHERE kind = 'old'");
        Assert.Equal((Rows, Rows * 100, Rows * (Rows - 1) / 2, Rows / 2 * 3), ((int)sums.n, (int)sums.s, (int)sums.ids, (int)sums.banks));
        Assert.Equal(Rows, (await Connection.QueryAsync<int>("SELECT id FROM accounts ORDER BY id")).Distinct().Count());
        Assert.Equal("23503", await StateOfAsync("DELETE FROM banks WHERE nr = 1"));
        Assert.Equal("23503", await StateOfAsync("INSERT INTO accounts (balance, bank, id) VALUES (0, 5, 7000)"));
        Assert.Equal("23505", await StateOfAsync("INSERT INTO accounts (balance, bank, id) VALUES (0, 1, 7)"));
        Assert.Equal("23514", await StateOfAsync("UPDATE accounts SET balance = -200000 WHERE id = 7"));
    }

    private async Task<string?> StateOfAsync(string statement) =>
        (await Assert.ThrowsAsync<ShardSqlException>(() => ExecuteAsync(statement))).SqlState;

    /// <summary>Payments between any two accounts, as long as nobody says to stop; none may fail but by conflicts.</summary>
    private async Task<int> PayAsync(int seed, CancellationToken stop)
    {
        await using ShardSqlConnection payer = await Source.OpenConnectionAsync(CancellationToken.None);
        var random = new Random(seed);
        int payments = 0;
        while (!stop.IsCancellationRequested)
        {
            int from = random.Next(Rows);
            try
            {
                await payer.ExecuteAsync(
                    "BEGIN; UPDATE accounts SET balance = balance - 1 WHERE id = @from; "
                        + "UPDATE accounts SET balance = balance + 1 WHERE id = @to; COMMIT",
                    new { from, to = (from + 1 + random.Next(Rows - 1)) % Rows });
                payments++;
            }
            catch (ShardSqlException conflict) when (conflict.SqlState == "40001")
            {
                await payer.ExecuteAsync("ROLLBACK");
            }
        }

        return payments;
    }

    private Task<string?> ClauseAsync(string table) =>
        Connection.ExecuteScalarAsync<string>("SELECT clause FROM shard.placement WHERE table_name = @table", new { table });

    private async Task<IEnumerable<long>> SegmentsOfShardsAsync(string table) =>
        (await Connection.QueryAsync<long>(
            "SELECT count(*) FROM shard.segments s JOIN shard.placement p ON p.colocation_group = s.colocation_group "
                + "WHERE p.table_name = @table GROUP BY s.shard",
            new { table })).Order();
}
