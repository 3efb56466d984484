using System;
using System.Collections.Generic;
using System.Data.Common;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using System.Transactions;
using Dapper;
using ShardSql.Gateway;
using ShardSql.Protocol;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>Changes of the schema inside transactions through ADO.NET and Dapper, as tools that migrate databases make
/// them.</summary>
[Collection(ClusterCollection.Name)]
public sealed class SchemaTransactionTests(ClusterFixture cluster)
{
    [Fact]
    public async Task A_migration_is_all_or_nothing()
    {
        string customers = cluster.NewName();
        string orders = cluster.NewName();
        string codes = cluster.NewName();
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        foreach (bool commits in (bool[])[false, true])
        {
            await using ShardSqlTransaction transaction = await connection.BeginTransactionAsync();
            await RunAsync(
                transaction,
                $"CREATE TABLE {customers} (id bigserial PRIMARY KEY, name text NOT NULL, code int)",
                $"CREATE TABLE {orders} (id bigint REFERENCES {customers}, line int, total decimal(9,2), "
                    + $"PRIMARY KEY (id, line)) COLOCATED WITH {customers}",
                $"CREATE TABLE {codes} (code int PRIMARY KEY, text text) REFERENCE",
                $"CREATE INDEX ON {orders} (total)",
                $"INSERT INTO {codes} VALUES (1, 'one'), (2, 'two')",
                $"INSERT INTO {customers} (name, code) VALUES ('Ada', 1), ('Bob', 2), ('Cleo', 1)",
                $"INSERT INTO {orders} SELECT id, 1, id * 10 FROM {customers}",
                $"ALTER TABLE {customers} ADD COLUMN city text DEFAULT 'Rome'",
                $"CREATE UNIQUE INDEX ON {customers} (name) STORING (city)");
            string[] seen = [.. await connection.QueryAsync<string>(
                $"SELECT c.name || ' ' || c.city || ' ' || r.text FROM {customers} c JOIN {orders} o ON o.id = c.id "
                    + $"JOIN {codes} r ON r.code = c.code WHERE o.total > 10 ORDER BY c.name",
                transaction: transaction)];
            Assert.Equal(["Bob Rome two", "Cleo Rome one"], seen);
            await (commits ? transaction.CommitAsync() : transaction.RollbackAsync());
            Assert.Equal(commits ? 3 : 0, await TablesAsync(customers, orders, codes));
        }

        Assert.Equal(3, await cluster.ScalarAsync<long>($"SELECT count(*) FROM {orders}"));
        Assert.Equal(2, await cluster.ScalarAsync<long>($"SELECT id FROM {customers} WHERE name = 'Bob'"));
        ShardSqlException taken = await Assert.ThrowsAsync<ShardSqlException>(
            () => cluster.ExecuteAsync($"INSERT INTO {customers} (name) VALUES ('Ada')"));
        Assert.Equal("23505", taken.SqlState);
        await cluster.ExecuteAsync($"INSERT INTO {customers} (name) VALUES ('Dan')");
        Assert.Equal(4, await cluster.ScalarAsync<long>($"SELECT count(DISTINCT id) FROM {customers}"));
    }

    [Fact]
    public async Task A_prepared_statement_follows_the_schema_of_its_transaction()
    {
        string table = await cluster.CreateSpreadTableAsync();
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 10), (150, 15)");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        await using ShardSqlCommand command = connection.CreateCommand();
        command.CommandText = $"SELECT * FROM {table} WHERE id = @id";
        command.Parameters.AddWithValue("id", 150);
        await command.PrepareAsync();
        Assert.Equal(["id", "n"], await ColumnsAsync(command));
        await using (ShardSqlTransaction transaction = await connection.BeginTransactionAsync())
        {
            command.Transaction = transaction;
            Assert.Equal(["id", "n"], await ColumnsAsync(command));
            await connection.ExecuteAsync($"ALTER TABLE {table} ADD COLUMN note text", transaction: transaction);
            Assert.Equal(["id", "n", "note"], await ColumnsAsync(command));
            await using ShardSqlCommand late = connection.CreateCommand();
            late.Transaction = transaction;
            late.CommandText = $"SELECT note FROM {table} WHERE id = 1";
            await late.PrepareAsync();
            Assert.Equal(["note"], await ColumnsAsync(late));
            await transaction.RollbackAsync();
        }

        command.Transaction = null;
        Assert.Equal(["id", "n"], await ColumnsAsync(command));
    }

    [Fact]
    public async Task Savepoints_and_a_failed_statement_leave_what_came_before()
    {
        string table = cluster.NewName();
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        await using ShardSqlTransaction transaction = await connection.BeginTransactionAsync();
        Assert.Equal(-1, await connection.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY)", transaction: transaction));
        await transaction.SaveAsync("made");
        ShardSqlException exists = await Assert.ThrowsAsync<ShardSqlException>(
            () => connection.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY)", transaction: transaction));
        Assert.Equal("42P07", exists.SqlState);
        ShardSqlException failed = await Assert.ThrowsAsync<ShardSqlException>(
            () => connection.ExecuteAsync($"INSERT INTO {table} VALUES (1)", transaction: transaction));
        Assert.Equal("25P02", failed.SqlState);
        await transaction.RollbackAsync("made");
        Assert.Equal(1, await connection.ExecuteAsync($"INSERT INTO {table} VALUES (2)", transaction: transaction));
        await transaction.CommitAsync();
        Assert.Equal(2, await cluster.ScalarAsync<int>($"SELECT id FROM {table}"));
    }

    [Fact]
    public async Task A_scope_that_is_not_completed_takes_its_table_back()
    {
        string table = cluster.NewName();
        foreach (bool completes in (bool[])[false, true])
        {
            using (var scope = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
            {
                await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
                await connection.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY)");
                Assert.Equal(2, await connection.ExecuteAsync($"INSERT INTO {table} VALUES (1), (2)"));
                if (completes)
                {
                    scope.Complete();
                }
            }

            Assert.Equal(completes ? 1 : 0, await TablesAsync(table));
        }
    }

    [Fact]
    public async Task A_batch_that_fails_leaves_no_table()
    {
        string table = cluster.NewName();
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        await using DbBatch batch = connection.CreateBatch();
        foreach (string text in (string[])
            [$"CREATE TABLE {table} (id int PRIMARY KEY)", $"INSERT INTO {table} VALUES (1)", $"INSERT INTO {table} VALUES (1)"])
        {
            DbBatchCommand command = batch.CreateBatchCommand();
            command.CommandText = text;
            batch.BatchCommands.Add(command);
        }

        DbException failed = await Assert.ThrowsAnyAsync<DbException>(() => batch.ExecuteNonQueryAsync());
        Assert.Equal("23505", failed.SqlState);
        Assert.Equal(0, await TablesAsync(table));
        batch.BatchCommands.RemoveAt(2);
        await batch.ExecuteNonQueryAsync();
        Assert.Equal(1, await cluster.ScalarAsync<int>($"SELECT id FROM {table}"));
    }

    [Fact]
    public async Task Migrations_at_once_on_two_gateways_all_end_well_by_running_again()
    {
        const int Rounds = 4;
        string name = "second-" + Guid.NewGuid().ToString("N");
        await using GatewayServer second = SharedStorage.CreateGateway(cluster.Cluster);
        await second.StartAsync(CancellationToken.None);
        InProcessEndpoints.Register(name, second);
        string[] tables = [.. Enumerable.Range(0, 2 * Rounds).Select(_ => cluster.NewName())];
        try
        {
            await using ShardSqlDataSource source = ShardSqlDataSource.Create($"Server=inproc:{name};Max Retries=100");
            await using ShardSqlDataSource first =
                ShardSqlDataSource.Create(cluster.Cluster.ConnectionString + ";Max Retries=100");
            await Task.WhenAll(((ShardSqlDataSource[])[first, source]).Select(async (at, i) =>
            {
                foreach (string table in tables.Skip(i * Rounds).Take(Rounds))
                {
                    await at.ExecuteInTransactionAsync(async (session, transaction, stop) =>
                    {
                        await RunAsync(
                            transaction,
                            $"CREATE TABLE {table} (id serial PRIMARY KEY, n int)",
                            $"CREATE INDEX ON {table} (n)",
                            $"INSERT INTO {table} (n) VALUES (1), (2), (3)");
                        return 0;
                    });
                }
            }));
        }
        finally
        {
            InProcessEndpoints.Unregister(name);
        }

        foreach (string table in tables)
        {
            Assert.Equal(6, await cluster.ScalarAsync<long>($"SELECT sum(id) FROM {table} WHERE n BETWEEN 1 AND 3"));
        }
    }

    [Fact]
    public async Task Rows_written_beside_a_migration_have_its_column_and_its_entries()
    {
        const int Writers = 3;
        const int RowsEach = 20;
        string table = await cluster.CreateSpreadTableAsync();
        await using ShardSqlDataSource patient =
            ShardSqlDataSource.Create(cluster.Cluster.ConnectionString + ";Max Retries=100");
        Task[] writers = [.. Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (int i = 0; i < RowsEach; i++)
            {
                int id = (writer * 100) + i;
                await cluster.ExecuteAsync($"INSERT INTO {table} (id, n) VALUES ({id}, {id})");
            }
        }))];
        await patient.ExecuteInTransactionAsync(async (session, transaction, stop) =>
        {
            await RunAsync(
                transaction,
                $"ALTER TABLE {table} ADD COLUMN twice bigint",
                $"UPDATE {table} SET twice = 2 * n",
                $"CREATE UNIQUE INDEX ON {table} (n)");
            return 0;
        });
        await Task.WhenAll(writers);

        Assert.Equal(Writers * RowsEach, await cluster.ScalarAsync<long>($"SELECT count(*) FROM {table}"));
        Assert.Equal(0, await cluster.ScalarAsync<long>($"SELECT count(*) FROM {table} WHERE twice <> 2 * n"));
        for (int i = 0; i < RowsEach; i++)
        {
            Assert.Equal(100 + i, await cluster.ScalarAsync<int>($"SELECT id FROM {table} WHERE n = {100 + i}"));
        }
    }

    private static async Task RunAsync(ShardSqlTransaction transaction, params string[] statements)
    {
        foreach (string statement in statements)
        {
            await transaction.Connection!.ExecuteAsync(statement, transaction: transaction);
        }
    }

    private static async Task<string[]> ColumnsAsync(ShardSqlCommand command)
    {
        await using DbDataReader reader = await command.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        return [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)];
    }

    private async Task<long> TablesAsync(params IEnumerable<string> names) => await cluster.ScalarAsync<long>(
        "SELECT count(*) FROM information_schema.tables WHERE table_name IN @names", new { names = names.ToArray() });
}
