using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Dapper;
using ShardSql.Gateway;
using ShardSql.Protocol;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>Two gateways of one cluster: what one changes the other sees, and no stale plan writes.</summary>
[Collection(ClusterCollection.Name)]
public sealed class GatewaysTests(ClusterFixture cluster) : IAsyncLifetime
{
    private readonly string _name = "second-" + Guid.NewGuid().ToString("N");
    private GatewayServer? _second;
    private ShardSqlDataSource? _source;

    private ShardSqlDataSource Second => _source!;

    public async Task InitializeAsync()
    {
        _second = SharedStorage.CreateGateway(cluster.Cluster);
        await _second.StartAsync(CancellationToken.None);
        InProcessEndpoints.Register(_name, _second);
        _source = ShardSqlDataSource.Create($"Server=inproc:{_name}");
    }

    public async Task DisposeAsync()
    {
        await Second.DisposeAsync();
        await _second!.DisposeAsync();
        InProcessEndpoints.Unregister(_name);
    }

    [Fact]
    public async Task A_strict_session_is_refused_as_long_as_it_is_not_served()
    {
        await using ShardSqlDataSource strict =
            ShardSqlDataSource.Create($"Server=inproc:{_name};Isolation=StrictSerializable");
        var refused = await Assert.ThrowsAsync<ShardSqlException>(async () => await strict.OpenConnectionAsync());
        Assert.Equal("0A000", refused.SqlState);
    }

    [Fact]
    public async Task A_new_table_is_known_to_all_sessions_of_the_other_gateway_at_once()
    {
        const int Sessions = 8;
        ShardSqlConnection[] sessions = [.. await Task.WhenAll(
            Enumerable.Range(0, Sessions).Select(async _ => await Second.OpenConnectionAsync()))];
        for (int round = 0; round < 5; round++)
        {
            string table = await cluster.CreateSpreadTableAsync();
            await Task.WhenAll(sessions.Select((session, i) => Task.Run(
                () => session.ExecuteAsync($"INSERT INTO {table} VALUES ({i}, 1)"))));
            Assert.Equal(Sessions, await sessions[0].ExecuteScalarAsync<long>($"SELECT count(*) FROM {table}"));
        }

        foreach (ShardSqlConnection session in sessions)
        {
            await session.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_foreign_key_made_on_one_gateway_holds_for_plans_of_the_other()
    {
        for (int i = 0; i < 3; i++)
        {
            string parent = await cluster.CreateTableAsync("(id integer PRIMARY KEY, n integer)");
            string child = await cluster.CreateTableAsync("(id integer PRIMARY KEY, p integer)");
            await cluster.ExecuteAsync($"INSERT INTO {parent} VALUES (1, 0), (2, 0)");
            await using ShardSqlConnection other = await Second.OpenConnectionAsync();
            Assert.Equal(1, await other.ExecuteAsync($"INSERT INTO {child} VALUES (1, 1)"));
            Assert.Equal(1, await other.ExecuteAsync($"DELETE FROM {parent} WHERE id = 2"));
            await cluster.ExecuteAsync($"ALTER TABLE {child} ADD FOREIGN KEY (p) REFERENCES {parent}");
            var kept = await Assert.ThrowsAsync<ShardSqlException>(
                () => other.ExecuteAsync($"DELETE FROM {parent} WHERE id = 1"));
            Assert.Equal("23503", kept.SqlState);
            var missing = await Assert.ThrowsAsync<ShardSqlException>(
                () => other.ExecuteAsync($"INSERT INTO {child} VALUES (2, 2)"));
            Assert.Equal("23503", missing.SqlState);
        }
    }

    [Fact]
    public async Task A_table_made_on_one_gateway_is_known_on_the_other()
    {
        for (int i = 0; i < 5; i++)
        {
            string table = await cluster.CreateSpreadTableAsync();
            await using ShardSqlConnection other = await Second.OpenConnectionAsync();
            Assert.Equal(1, await other.ExecuteAsync($"INSERT INTO {table} VALUES (1, 1)"));
            await other.ExecuteAsync($"DROP TABLE {table}");
            var gone = await Assert.ThrowsAsync<ShardSqlException>(
                () => cluster.ExecuteAsync($"INSERT INTO {table} VALUES (2, 1)"));
            Assert.Equal("42P01", gone.SqlState);
        }
    }

    [Fact]
    public async Task A_row_is_read_through_the_other_gateway_as_soon_as_it_is_acknowledged()
    {
        const int Rounds = 200;
        string table = await cluster.CreateSpreadTableAsync();
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 0)");
        await using ShardSqlConnection writer = await cluster.Source.OpenConnectionAsync();
        await using ShardSqlConnection reader = await Second.OpenConnectionAsync();
        for (int i = 1; i <= Rounds; i++)
        {
            await writer.ExecuteAsync($"UPDATE {table} SET n = @i WHERE id = 1", new { i });
            Assert.Equal(i, await reader.ExecuteScalarAsync<int>($"SELECT n FROM {table} WHERE id = 1"));
        }
    }

    [Fact]
    public async Task No_stale_plan_writes_while_the_schema_changes()
    {
        const int Generations = 12;
        const int RowsEach = 10;
        string table = cluster.NewName();
        await MakeAsync(0);
        using var done = new CancellationTokenSource();
        int written = 0;
        using var progress = new SemaphoreSlim(0);
        Task[] writers = [.. Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            await using ShardSqlConnection connection = await Second.OpenConnectionAsync(CancellationToken.None);
            while (!done.IsCancellationRequested)
            {
                int id = Interlocked.Increment(ref written);
                try
                {
                    string text = writer % 2 == 0
                        ? $"INSERT INTO {table} (id) VALUES (@id)"
                        : $"BEGIN; INSERT INTO {table} (id) VALUES (@id), (@id + 1000000); COMMIT";
                    await connection.ExecuteAsync(text, new { id });
                    progress.Release();
                }
                catch (ShardSqlException refused) when (
                    refused.SqlState == "42P01" || refused.Outcome == ShardSqlOutcome.RolledBack)
                {
                    // Between DROP and CREATE there is no table; a transaction may have met the change.
                    await connection.ExecuteAsync("ROLLBACK");
                }
            }
        }))];
        await using ShardSqlConnection changer = await cluster.Source.OpenConnectionAsync();
        for (int next = 1; next < Generations; next++)
        {
            while (await changer.ExecuteScalarAsync<long>($"SELECT count(*) FROM {table}") < RowsEach)
            {
                Assert.True(await progress.WaitAsync(TimeSpan.FromSeconds(120)), "nothing is written any more");
            }

            IEnumerable<string> found = await changer.QueryAsync<string>($"SELECT DISTINCT g FROM {table}");
            Assert.Equal([Name(next - 1)], found);
            await changer.ExecuteAsync($"DROP TABLE {table}");
            await MakeAsync(next);
        }

        await done.CancelAsync();
        await Task.WhenAll(writers);

        // Each generation has other columns in another order, and another default that says which plan wrote.
        Task MakeAsync(int number) => cluster.ExecuteAsync(number % 2 == 0
            ? $"CREATE TABLE {table} (id integer PRIMARY KEY, g text DEFAULT '{Name(number)}')"
            : $"CREATE TABLE {table} (g text DEFAULT '{Name(number)}', id bigint PRIMARY KEY, x integer) "
                + "SHARD BY RANGE (id) SPLIT AT VALUES (100)");

        static string Name(int number) => "g" + number.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Increments_over_both_gateways_add_up()
    {
        const int Each = 20;
        string table = await cluster.CreateSpreadTableAsync();
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 0), (101, 0)");
        await using ShardSqlDataSource first =
            ShardSqlDataSource.Create(cluster.Cluster.ConnectionString + ";Max Retries=200");
        await using ShardSqlDataSource second = ShardSqlDataSource.Create($"Server=inproc:{_name};Max Retries=200");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(client => Task.Run(async () =>
        {
            ShardSqlDataSource source = client % 2 == 0 ? first : second;
            for (int i = 0; i < Each; i++)
            {
                await source.ExecuteInTransactionAsync((connection, transaction, token) =>
                    connection.ExecuteAsync($"UPDATE {table} SET n = n + 1", transaction: transaction));
            }
        })));
        await using ShardSqlConnection reader = await cluster.Source.OpenConnectionAsync();

        // A reader's snapshot may lie before what another gateway has committed just now; a writer's place does not.
        Assert.Equal([8L * Each, 8L * Each], await reader.QueryAsync<long>($"UPDATE {table} SET n = n RETURNING n"));
    }
}
