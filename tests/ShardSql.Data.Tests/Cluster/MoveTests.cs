using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>MOVE, SPLIT and MERGE of segments: what users see of them is that nothing happens.</summary>
[Collection(ClusterCollection.Name)]
public sealed class MoveTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Rows_and_entries_of_all_tables_of_a_group_move_together()
    {
        string table = await cluster.CreateTableAsync(
            "(id int PRIMARY KEY, city text, name text UNIQUE, n int) SHARD BY RANGE (id) SPLIT AT VALUES (100), (200)");
        string beside = await cluster.CreateTableAsync(
            $"(id int, line int, note text, PRIMARY KEY (id, line)) COLOCATED WITH {table} ON (id)");
        await cluster.ExecuteAsync($"CREATE INDEX {table}_city ON {table} (city) LOCAL");
        await cluster.ExecuteAsync($"CREATE UNIQUE INDEX {beside}_note ON {beside} (note, id) LOCAL");
        for (int id = 1; id <= 300; id += 13)
        {
            await cluster.ExecuteAsync(
                $"INSERT INTO {table} VALUES (@id, @city, @name, @id); INSERT INTO {beside} VALUES (@id, 1, 'a'), (@id, 2, 'b')",
                new { id, city = "c" + (id % 3), name = "n" + id });
        }

        await cluster.ExecuteAsync($"UPDATE {table} SET city = 'moved' WHERE id = 14; DELETE FROM {table} WHERE id = 27");
        string before = await ContentAsync(table, beside);
        foreach ((string segment, int from) in await SegmentsAsync(table))
        {
            JobRow job = await JobAsync($"MOVE SEGMENT '{segment}' TO SHARD {(from % 3) + 1}");
            Assert.Equal(("MOVE SEGMENT", "succeeded"), (job.Kind, job.State));
            Assert.Equal(before, await ContentAsync(table, beside));
        }

        Assert.Equal(3, (await SegmentsAsync(table)).Select(static place => place.Shard).Distinct().Count());
        await cluster.ExecuteAsync($"UPDATE {table} SET city = 'after' WHERE city = 'c1'; DELETE FROM {beside} WHERE note = 'a'");
        Assert.Equal(0, await cluster.ScalarAsync<long>($"SELECT count(*) FROM {table} WHERE city = 'c1'"));
        Assert.Equal(
            await cluster.ScalarAsync<long>($"SELECT count(*) FROM {beside}"),
            await cluster.ScalarAsync<long>($"SELECT count(*) FROM {beside} WHERE note = 'b'"));
        ShardSqlException duplicate = await Assert.ThrowsAsync<ShardSqlException>(
            () => cluster.ExecuteAsync($"INSERT INTO {table} VALUES (999, 'x', 'n1', 1)"));
        Assert.Equal("23505", duplicate.SqlState);
    }

    [Fact]
    public async Task An_open_transaction_follows_what_moves_under_it()
    {
        string table = await cluster.CreateSpreadTableAsync();
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 10), (2, 20), (150, 30)");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        await using (ShardSqlTransaction transaction = await connection.BeginTransactionAsync())
        {
            Assert.Equal(10, await connection.ExecuteScalarAsync<long>($"SELECT n FROM {table} WHERE id = 1", transaction: transaction));
            await connection.ExecuteAsync($"UPDATE {table} SET n = 11 WHERE id = 1; SAVEPOINT a", transaction: transaction);
            await MoveFirstAsync(table);
            Assert.Equal(31, await connection.ExecuteScalarAsync<long>(
                $"SELECT sum(n) FROM {table} WHERE id < 100", transaction: transaction));
            await connection.ExecuteAsync($"UPDATE {table} SET n = 21 WHERE id = 2; ROLLBACK TO a", transaction: transaction);
            await connection.ExecuteAsync($"UPDATE {table} SET n = n + 1 WHERE id = 2 OR id = 150", transaction: transaction);
            await transaction.CommitAsync();
        }

        Assert.Equal([11, 21, 31], await connection.QueryAsync<long>($"SELECT n FROM {table} ORDER BY id"));
    }

    [Fact]
    public async Task A_transaction_that_only_has_to_commit_follows_too()
    {
        string table = await cluster.CreateSpreadTableAsync();
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 10), (150, 30)");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        await using (ShardSqlTransaction transaction = await connection.BeginTransactionAsync())
        {
            await connection.ExecuteAsync($"UPDATE {table} SET n = n + 1", transaction: transaction);
            await MoveFirstAsync(table);
            await transaction.CommitAsync();
        }

        Assert.Equal([11, 31], await connection.QueryAsync<long>($"SELECT n FROM {table} ORDER BY id"));
    }

    [Fact]
    public async Task A_reader_goes_on_at_its_snapshot()
    {
        string table = await cluster.CreateSpreadTableAsync();
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 10), (150, 30)");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        await connection.ExecuteAsync("BEGIN READ ONLY");
        Assert.Equal(40, await connection.ExecuteScalarAsync<long>($"SELECT sum(n) FROM {table}"));
        await MoveFirstAsync(table);
        await cluster.ExecuteAsync($"UPDATE {table} SET n = n + 100");
        Assert.Equal(40, await connection.ExecuteScalarAsync<long>($"SELECT sum(n) FROM {table}"));
        await connection.ExecuteAsync("COMMIT");
        Assert.Equal(240, await connection.ExecuteScalarAsync<long>($"SELECT sum(n) FROM {table}"));
    }

    [Fact]
    public async Task Sums_stay_exact_and_nobody_sees_an_error_while_segments_move()
    {
        const int Accounts = 60;
        const int Moves = 12;
        string table = await cluster.CreateTableAsync("(id int PRIMARY KEY, n bigint NOT NULL, text text)");
        for (int id = 0; id < Accounts; id++)
        {
            await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (@id, 100, 'x')", new { id });
        }

        await cluster.ExecuteAsync($"CREATE INDEX {table}_n ON {table} (n) LOCAL");
        using var moved = new CancellationTokenSource();
        long transfers = 0;
        Task[] clients = [.. Enumerable.Range(0, 6).Select(seed => Task.Run(async () =>
        {
            var random = new Random(seed);
            await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
            while (!moved.IsCancellationRequested)
            {
                int from = random.Next(Accounts);
                int to = (from + 1 + random.Next(Accounts - 1)) % Accounts;
                switch (random.Next(3))
                {
                    case 0:
                        await cluster.Source.ExecuteInTransactionAsync(async (own, transaction, token) =>
                        {
                            long n = await own.ExecuteScalarAsync<long>(
                                $"SELECT n FROM {table} WHERE id = @from", new { from }, transaction);
                            await own.ExecuteAsync($"UPDATE {table} SET n = @n WHERE id = @from", new { n = n - 1, from }, transaction);
                            await own.ExecuteAsync($"UPDATE {table} SET n = n + 1 WHERE id = @to", new { to }, transaction);
                        });
                        Interlocked.Increment(ref transfers);
                        break;
                    case 1:
                        Assert.Equal(1, await connection.ExecuteAsync($"UPDATE {table} SET text = 'y' WHERE id = @to", new { to }));
                        break;
                    default:
                        Assert.Equal(100L * Accounts, await connection.ExecuteScalarAsync<long>($"SELECT sum(n) FROM {table}"));
                        break;
                }
            }
        }))];
        try
        {
            for (int i = 0; i < Moves; i++)
            {
                List<(string Segment, int Shard)> segments = await SegmentsAsync(table);
                (string segment, int shard) = segments[i % segments.Count];
                JobRow job = await JobAsync($"MOVE SEGMENT '{segment}' TO SHARD {(shard % 3) + 1} WITH (wait = '60s')");
                Assert.Equal("succeeded", job.State);
                Assert.DoesNotContain(clients, static client => client.IsFaulted);
            }
        }
        finally
        {
            await moved.CancelAsync();
            await Task.WhenAll(clients);
        }

        Assert.True(Interlocked.Read(ref transfers) > 0);
        Assert.Equal((100L * Accounts, (long)Accounts), await RowAsync<(long, long)>($"SELECT sum(n), count(*) FROM {table}"));
        Assert.Equal(
            (long)Accounts, await cluster.ScalarAsync<long>($"SELECT count(*) FROM {table} WHERE n > -100000 AND n < 100000"));
    }

    [Fact]
    public async Task Segments_are_split_and_joined_again()
    {
        string table = await cluster.CreateSpreadTableAsync();
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 10), (50, 20), (150, 30)");
        (string first, int shard) = (await SegmentsAsync(table))[0];
        Assert.Equal("succeeded", (await JobAsync($"SPLIT SEGMENT '{first}' AT (40)")).State);
        List<(string Segment, int Shard)> split = await SegmentsAsync(table);
        Assert.Equal(4, split.Count);
        Assert.Equal((first, shard), split[0]);
        Assert.Equal(shard, split[1].Shard);
        Assert.Equal([10, 20, 30], await ValuesAsync(table));
        await JobAsync($"MOVE SEGMENT '{split[1].Segment}' TO SHARD {(shard % 3) + 1}");
        await cluster.ExecuteAsync($"UPDATE {table} SET n = n + 1");
        Assert.Equal([11, 21, 31], await ValuesAsync(table));
        Assert.Equal("22023", await StateOfAsync($"MERGE SEGMENTS '{first}', '{split[1].Segment}'"));
        await JobAsync($"MOVE SEGMENT '{first}' TO SHARD {(shard % 3) + 1}");
        await JobAsync($"MERGE SEGMENTS '{split[1].Segment}', '{first}'");
        Assert.Equal(3, (await SegmentsAsync(table)).Count);
        Assert.Equal([11, 21, 31], await ValuesAsync(table));
    }

    [Theory]
    [InlineData("MOVE SEGMENT 999999 TO SHARD 1", "42704")]
    [InlineData("MOVE SEGMENT 'nonsense' TO SHARD 1", "22023")]
    [InlineData("MOVE SEGMENT {0} TO SHARD 77", "42704")]
    [InlineData("MOVE SEGMENT {0} TO SHARD 1 WITH (max_write_pause = 'soon')", "22023")]
    [InlineData("MOVE SEGMENT {0} TO SHARD 1 WITH (speed = 1)", "22023")]
    [InlineData("SPLIT SEGMENT {0} AT (150)", "22023")]
    [InlineData("SPLIT SEGMENT {0} AT (1, 2)", "22023")]
    [InlineData("SPLIT SEGMENT {0}", "22023")]
    [InlineData("BEGIN; MOVE SEGMENT {0} TO SHARD 1", "25001")]
    [InlineData("PAUSE JOB 999999", "42704")]
    public async Task What_cannot_be_done_says_why(string statement, string sqlState)
    {
        string table = await cluster.CreateSpreadTableAsync();
        string segment = "'" + (await SegmentsAsync(table))[0].Segment + "'";
        Assert.Equal(sqlState, await StateOfAsync(statement.Replace("{0}", segment, StringComparison.Ordinal)));
    }

    private async Task MoveFirstAsync(string table)
    {
        (string segment, int shard) = (await SegmentsAsync(table))[0];
        Assert.Equal("succeeded", (await JobAsync($"MOVE SEGMENT '{segment}' TO SHARD {(shard % 3) + 1}")).State);
    }

    private async Task<string> ContentAsync(string table, string beside)
    {
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        var lines = new List<string>();
        foreach (string query in (string[])
        [
            $"SELECT id, city, name, n FROM {table} ORDER BY id",
            $"SELECT id, line, note FROM {beside} ORDER BY id, line",
            $"SELECT id, city FROM {table} WHERE city = 'c1' ORDER BY id",
            $"SELECT id FROM {table} WHERE name = 'n40'",
            $"SELECT count(*) FROM {beside} WHERE note = 'a'",
            $"SELECT t.id, b.note FROM {table} t JOIN {beside} b ON b.id = t.id ORDER BY t.id, b.line",
        ])
        {
            foreach (IDictionary<string, object?> row in (await connection.QueryAsync(query)).Cast<IDictionary<string, object?>>())
            {
                lines.Add(string.Join('|', row.Values));
            }
        }

        return string.Join('\n', lines);
    }

    private async Task<List<(string Segment, int Shard)>> SegmentsAsync(string table)
    {
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        IEnumerable<(string Segment, string Shard, string? From)> rows = await connection.QueryAsync<(string, string, string?)>(
            "SELECT segment, shard, from_key FROM shard.segments WHERE tables LIKE @t || '%'", new { t = table });
        return
        [
            .. rows.OrderBy(static row => Number(row.From ?? "0")).Select(static row => (row.Segment, Number(row.Shard))),
        ];
    }

    // "s2", "(40)", "bucket 1365".
    private static int Number(string text) =>
        int.Parse(string.Concat(text.Where(char.IsAsciiDigit)), System.Globalization.CultureInfo.InvariantCulture);

    private async Task<JobRow> JobAsync(string statement) => await RowAsync<JobRow>(statement);

    private async Task<IEnumerable<long>> ValuesAsync(string table)
    {
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        return await connection.QueryAsync<long>($"SELECT n FROM {table} ORDER BY id");
    }

    private async Task<T> RowAsync<T>(string statement)
    {
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        return await connection.QuerySingleAsync<T>(statement);
    }

    private async Task<string> StateOfAsync(string statement) =>
        (await Assert.ThrowsAsync<ShardSqlException>(() => cluster.ExecuteAsync(statement))).SqlState!;

    private sealed class JobRow
    {
        public string Kind { get; set; } = "";

        public string State { get; set; } = "";
    }
}
