using System;
using System.Threading.Tasks;
using System.Transactions;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>TransactionScope over a real cluster: one resource, one phase.</summary>
[Collection(ClusterCollection.Name)]
public sealed class ScopeTests(ClusterFixture cluster)
{
    private static TransactionScope NewScope() => new(TransactionScopeAsyncFlowOption.Enabled);

    [Theory]
    [InlineData(true, 3)]
    [InlineData(false, 0)]
    public async Task Connections_one_after_the_other_are_one_transaction(bool completes, int rows)
    {
        string table = await cluster.CreateTableAsync("(id integer PRIMARY KEY)");
        using (TransactionScope scope = NewScope())
        {
            for (int id = 0; id < 3; id++)
            {
                await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
                Assert.Equal(1, await connection.ExecuteAsync($"INSERT INTO {table} VALUES (@id)", new { id }));
                Assert.Equal(id + 1, await connection.ExecuteScalarAsync<int>($"SELECT count(*) FROM {table}"));
            }

            Assert.Equal(0, await OutsideAsync(table));
            if (completes)
            {
                scope.Complete();
            }
        }

        Assert.Equal(rows, await OutsideAsync(table));
    }

    [Fact]
    public async Task Connection_that_outlives_its_scope_goes_on_without_it()
    {
        string table = await cluster.CreateTableAsync("(id integer PRIMARY KEY)");
        ShardSqlConnection connection;
        using (TransactionScope scope = NewScope())
        {
            connection = await cluster.Source.OpenConnectionAsync();
            await connection.ExecuteAsync($"INSERT INTO {table} VALUES (1)");
            scope.Complete();
        }

        await using (connection)
        {
            Assert.Equal(1, await connection.ExecuteAsync($"INSERT INTO {table} VALUES (2)"));
        }

        Assert.Equal(2, await OutsideAsync(table));
    }

    [Fact]
    public async Task Second_connection_at_the_same_time_is_refused_and_the_scope_goes_on()
    {
        string table = await cluster.CreateTableAsync("(id integer PRIMARY KEY)");
        using (TransactionScope scope = NewScope())
        {
            await using ShardSqlConnection first = await cluster.Source.OpenConnectionAsync();
            await first.ExecuteAsync($"INSERT INTO {table} VALUES (1)");
            NotSupportedException refused = await Assert.ThrowsAsync<NotSupportedException>(
                () => cluster.Source.OpenConnectionAsync().AsTask());
            Assert.Contains("One at a time", refused.Message, StringComparison.Ordinal);
            await using var other = ShardSqlDataSource.Create(cluster.Cluster.ConnectionString + ";Application Name=other");
            await Assert.ThrowsAsync<NotSupportedException>(() => other.OpenConnectionAsync().AsTask());
            scope.Complete();
        }

        Assert.Equal(1, await OutsideAsync(table));
    }

    [Fact]
    public async Task Another_resource_in_the_scope_rolls_it_back_and_says_why()
    {
        string table = await cluster.CreateTableAsync("(id integer PRIMARY KEY)");
        TransactionAbortedException aborted = await Assert.ThrowsAsync<TransactionAbortedException>(async () =>
        {
            using TransactionScope scope = NewScope();
            Transaction.Current!.EnlistVolatile(new Bystander(), EnlistmentOptions.None);
            await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
            await connection.ExecuteAsync($"INSERT INTO {table} VALUES (1)");
            scope.Complete();
        });

        Assert.IsType<NotSupportedException>(aborted.InnerException);
        Assert.Equal(0, await OutsideAsync(table));
    }

    [Fact]
    public async Task Commit_that_meets_a_conflict_aborts_the_scope_with_it()
    {
        string table = await cluster.CreateTableAsync("(id integer PRIMARY KEY, n integer)");
        await cluster.ExecuteAsync($"INSERT INTO {table} VALUES (1, 0), (2, 0)");
        TransactionAbortedException aborted = await Assert.ThrowsAsync<TransactionAbortedException>(async () =>
        {
            using TransactionScope scope = NewScope();
            await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
            await connection.ExecuteScalarAsync<int>($"SELECT n FROM {table} WHERE id = 1");
            await OutsideAsync($"{table} WHERE id = 0; UPDATE {table} SET n = 1");
            await connection.ExecuteAsync($"UPDATE {table} SET n = n + 1 WHERE id = 1");
            scope.Complete();
        });

        Assert.Equal("40001", Assert.IsType<ShardSqlException>(aborted.InnerException).SqlState);
    }

    private async Task<int> OutsideAsync(string from)
    {
        using var none = new TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled);
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<int>($"SELECT count(*) FROM {from}");
    }

    private sealed class Bystander : IEnlistmentNotification
    {
        public void Prepare(PreparingEnlistment preparingEnlistment) => preparingEnlistment.Prepared();

        public void Commit(Enlistment enlistment) => enlistment.Done();

        public void Rollback(Enlistment enlistment) => enlistment.Done();

        public void InDoubt(Enlistment enlistment) => enlistment.Done();
    }
}
