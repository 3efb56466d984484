using System;
using System.Threading.Tasks;
using Dapper;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>Savepoints through ADO.NET.</summary>
[Collection(ClusterCollection.Name)]
public sealed class SavepointTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Rollback_to_a_savepoint_undoes_what_came_after_it_and_an_error_too()
    {
        string table = await cluster.CreateTableAsync("(id integer PRIMARY KEY)");
        await using ShardSqlConnection connection = await cluster.Source.OpenConnectionAsync();
        await using ShardSqlTransaction transaction = await connection.BeginTransactionAsync();
        await transaction.SaveAsync("empty");
        await connection.ExecuteAsync($"INSERT INTO {table} VALUES (1)", transaction: transaction);
        transaction.Save("a \"b\"");
        await connection.ExecuteAsync($"INSERT INTO {table} VALUES (2)", transaction: transaction);
        await Assert.ThrowsAsync<ShardSqlException>(
            () => connection.ExecuteAsync($"INSERT INTO {table} VALUES (1 / 0)", transaction: transaction));
        transaction.Rollback("a \"b\"");
        await connection.ExecuteAsync($"INSERT INTO {table} VALUES (3)", transaction: transaction);
        await transaction.ReleaseAsync("a \"b\"");
        ShardSqlException unknown =
            await Assert.ThrowsAsync<ShardSqlException>(() => transaction.RollbackAsync("a \"b\""));
        Assert.Equal("3B001", unknown.SqlState);
        await transaction.RollbackAsync("empty");
        await connection.ExecuteAsync($"INSERT INTO {table} VALUES (4)", transaction: transaction);
        await transaction.CommitAsync();
        Assert.Equal([4], await connection.QueryAsync<int>($"SELECT id FROM {table} ORDER BY id"));
        Assert.Throws<InvalidOperationException>(() => transaction.Save("late"));
    }
}
