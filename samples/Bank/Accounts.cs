using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

using Dapper;

using ShardSql.Data;

namespace ShardSql.Bank;

/// <summary>SmallBank's tables, and one of merchants: a customer's rows lie on one shard, which the hash of his id chooses
/// at first.</summary>
internal sealed class Accounts(ShardSqlDataSource database)
{
    public const int Customers = 240;
    public const decimal Opening = 10_000m;

    private const string Tables = """
        CREATE TABLE accounts (customer bigint PRIMARY KEY, name text NOT NULL) SHARD BY HASH (customer);
        CREATE TABLE savings (customer bigint PRIMARY KEY, balance decimal(14, 2) NOT NULL) COLOCATED WITH accounts;
        CREATE TABLE checking (customer bigint PRIMARY KEY, balance decimal(14, 2) NOT NULL) COLOCATED WITH accounts;
        CREATE TABLE ledger (customer bigint, id uuid, amount decimal(14, 2) NOT NULL, PRIMARY KEY (customer, id))
            COLOCATED WITH accounts;
        CREATE TABLE merchants (id bigint PRIMARY KEY, balance decimal(14, 2) NOT NULL);
        INSERT INTO merchants VALUES (1, 0);
        """;

    public async Task OpenAsync()
    {
        await using ShardSqlConnection connection = await database.OpenConnectionAsync();
        await connection.ExecuteAsync(Tables);
        await connection.ExecuteAsync(
            """
            INSERT INTO accounts VALUES (@id, @name);
            INSERT INTO savings VALUES (@id, @opening);
            INSERT INTO checking VALUES (@id, @opening)
            """,
            Enumerable.Range(0, Customers).Select(static id => new { id, name = $"customer {id}", opening = Opening }));
    }

    /// <summary>The shard of each customer.</summary>
    public async Task<string[]> PlacesAsync()
    {
        await using ShardSqlConnection connection = await database.OpenConnectionAsync();
        string[] shards = new string[Customers];
        for (int id = 0; id < Customers; id++)
        {
            shards[id] = (string)(await connection.QuerySingleAsync("SHOW SEGMENT FOR ROW accounts KEY (@id)", new { id })).shard;
        }

        return shards;
    }

    /// <summary>Whether the balances are what was opened with and what the ledger says came in and went out since, of one
    /// moment; and every customer is there once.</summary>
    public Task<bool> IsExactAsync() => database.ExecuteInTransactionAsync(async (connection, transaction, _) =>
    {
        decimal held = await connection.ExecuteScalarAsync<decimal>(
            "SELECT sum(balance) FROM merchants", transaction: transaction);
        foreach (string table in (IEnumerable<string>)["savings", "checking"])
        {
            held += await connection.ExecuteScalarAsync<decimal>($"SELECT sum(balance) FROM {table}", transaction: transaction);
            long rows = await connection.ExecuteScalarAsync<long>($"SELECT count(*) FROM {table}", transaction: transaction);
            if (rows != Customers)
            {
                return false;
            }
        }

        decimal booked = await connection.ExecuteScalarAsync<decimal>(
            "SELECT coalesce(sum(amount), 0) FROM ledger", transaction: transaction);
        return held == (2 * Customers * Opening) + booked;
    });
}
