using System;
using System.Collections.Generic;
using System.Data.Common;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using Dapper;
using ShardSql.Gateway.Hosting;
using Xunit;

namespace ShardSql.Data.Tests.SqlStatements;

/// <summary>A cluster of four shards with customers, their orders and items, spread by hash and by range.</summary>
public sealed class ShopFixture : IAsyncLifetime
{
    private EmbeddedCluster? _cluster;
    private ShardSqlDataSource? _source;

    /// <summary>The way to the cluster.</summary>
    public ShardSqlDataSource Source => _source!;

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        _cluster = await EmbeddedCluster.StartAsync(new EmbeddedClusterOptions
        {
            Name = "shop-" + Guid.NewGuid().ToString("N"),
            Nodes = 1,
            Shards = 4,
            Store = "memory",
        });
        _source = ShardSqlDataSource.Create(_cluster.ConnectionString);
        await ExecuteAsync("CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, city text)");
        await ExecuteAsync(
            "CREATE TABLE orders (id int PRIMARY KEY, customer int, total decimal(10,2), day date) "
            + "SHARD BY RANGE (id) SPLIT AT VALUES (3), (5)");
        await ExecuteAsync("CREATE TABLE items (order_id int, line int, sku text, quantity int, PRIMARY KEY (order_id, line))");
        await ExecuteAsync(
            "INSERT INTO customers VALUES (1, 'Ada', 'Rome'), (2, 'Bob', 'Oslo'), (3, 'Cleo', 'Rome'), (4, 'Dan', NULL)");
        await ExecuteAsync(
            "INSERT INTO orders VALUES (1, 1, 10.50, '2024-01-01'), (2, 1, 20, '2024-01-02'), (3, 2, 5, '2024-01-02'), "
            + "(4, 3, 7.25, '2024-01-03'), (5, 9, 1, '2024-01-04'), (6, NULL, 2, '2024-01-05')");
        await ExecuteAsync(
            "INSERT INTO items VALUES (1, 1, 'pen', 2), (1, 2, 'ink', 1), (2, 1, 'pen', 5), (3, 1, 'cup', 1), (4, 1, 'pen', 1)");
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        if (_source is not null)
        {
            await _source.DisposeAsync();
        }

        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }

    /// <summary>Runs a text on a connection of its own.</summary>
    public async Task<int> ExecuteAsync(string text)
    {
        await using ShardSqlConnection connection = await Source.OpenConnectionAsync();
        return await connection.ExecuteAsync(text);
    }

    /// <summary>The rows of a query: values with a space between, rows with a bar.</summary>
    public async Task<string> RowsAsync(string text)
    {
        await using ShardSqlConnection connection = await Source.OpenConnectionAsync();
        return await RowsAsync(connection, text);
    }

    /// <summary>The rows of a query on a connection.</summary>
    public static async Task<string> RowsAsync(
        ShardSqlConnection connection, string text, DbTransaction? transaction = null)
    {
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = text;
        command.Transaction = transaction;
        await using DbDataReader reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(string.Join(' ', Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetValue(i) switch
            {
                DBNull => "-",
                DateTime day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                object value => Convert.ToString(value, CultureInfo.InvariantCulture),
            })));
        }

        return string.Join('|', rows);
    }

    /// <summary>The error of a text.</summary>
    public async Task<ShardSqlException> FailsAsync(string text)
    {
        await using ShardSqlConnection connection = await Source.OpenConnectionAsync();
        return await Assert.ThrowsAsync<ShardSqlException>(() => RowsAsync(connection, text));
    }
}
