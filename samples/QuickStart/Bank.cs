using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Dapper;
using ShardSql.Data;

namespace ShardSql.QuickStart;

/// <summary>SmallBank: customers with a savings and a checking account each, and a record of every transfer.</summary>
internal sealed class Bank(ShardSqlDataSource database)
{
    public const int Customers = 10_000;
    public const decimal OpeningBalance = 5_000.00m;

    /// <summary>What all accounts hold together, now and after any number of transfers.</summary>
    public const decimal Total = Customers * 2 * OpeningBalance;

    /// <summary>
    /// Takes from one customer and gives to another, within a shard or across two: the statement is the same.
    /// </summary>
    public const string MoveMoney = """
        UPDATE checking
        SET balance = balance + CASE customer_id WHEN @To THEN @Amount ELSE -@Amount END
        WHERE customer_id IN (@From, @To)
        """;

    /// <summary>Several statements in one command are one transaction: all of it happens, or nothing.</summary>
    private const string TransferText = MoveMoney + """
        ;
        INSERT INTO transfers (from_customer, id, to_customer, amount) VALUES (@From, @Id, @To, @Amount)
        """;

    /// <summary>Colocated: a customer's rows of all four tables are on the same shard.</summary>
    private const string Tables = """
        CREATE TABLE accounts (
            customer_id bigint PRIMARY KEY,
            name text NOT NULL
        ) SHARD BY HASH (customer_id);

        CREATE TABLE savings (
            customer_id bigint PRIMARY KEY,
            balance decimal(12, 2) NOT NULL CHECK (balance >= 0)
        ) COLOCATED WITH accounts;

        CREATE TABLE checking (
            customer_id bigint PRIMARY KEY,
            balance decimal(12, 2) NOT NULL CHECK (balance >= 0)
        ) COLOCATED WITH accounts;

        CREATE TABLE transfers (
            from_customer bigint,
            id uuid,
            to_customer bigint NOT NULL,
            amount decimal(12, 2) NOT NULL,
            PRIMARY KEY (from_customer, id)
        ) COLOCATED WITH accounts ON (from_customer);
        """;

    private const int CustomersPerInsert = 200;

    private static readonly string s_insertText = InsertText();

    public async Task CreateTablesAsync()
    {
        await using ShardSqlConnection connection = await database.OpenConnectionAsync();
        await connection.ExecuteAsync(Tables);
    }

    /// <summary>Opens the accounts, some hundreds per transaction.</summary>
    public async Task LoadAsync(Action<int> loaded)
    {
        await using ShardSqlConnection connection = await database.OpenConnectionAsync();
        for (int first = 1; first <= Customers; first += CustomersPerInsert)
        {
            var parameters = new DynamicParameters();
            parameters.Add("Opening", OpeningBalance);
            for (int i = 0; i < CustomersPerInsert; i++)
            {
                parameters.Add($"Id{i}", (long)first + i);
                parameters.Add($"Name{i}", $"Customer {first + i}");
            }

            await connection.ExecuteAsync(s_insertText, parameters);
            loaded(CustomersPerInsert);
        }
    }

    /// <summary>Runs one transfer. It is durable on two of three nodes when this returns.</summary>
    public async Task TransferAsync(Transfer transfer)
    {
        await using ShardSqlConnection connection = await database.OpenConnectionAsync();
        await connection.ExecuteAsync(TransferText, transfer);
    }

    /// <summary>The richest customers, by a query that every shard answers in part.</summary>
    public async Task<IEnumerable<(long Id, string Name, decimal Balance)>> RichestAsync(int count)
    {
        await using ShardSqlConnection connection = await database.OpenConnectionAsync();
        List<(long Id, decimal Balance)> balances = [.. await connection.QueryAsync<(long, decimal)>(
            "SELECT customer_id, balance FROM checking ORDER BY balance DESC, customer_id LIMIT @Count",
            new { Count = count })];
        Dictionary<long, string> names = (await connection.QueryAsync<(long Id, string Name)>(
            "SELECT customer_id, name FROM accounts WHERE customer_id IN @Ids",
            new { Ids = balances.Select(row => row.Id) })).ToDictionary(row => row.Id, row => row.Name);
        return balances.Select(row => (row.Id, names[row.Id], row.Balance));
    }

    /// <summary>
    /// Moves all savings of a customer to his checking account: a transaction that decides on what it has read. If
    /// another one interferes, the whole delegate runs again.
    /// </summary>
    public Task<decimal> AmalgamateAsync(long customer) =>
        database.ExecuteInTransactionAsync(async (connection, transaction, cancellationToken) =>
        {
            decimal savings = await connection.ExecuteScalarAsync<decimal>(
                "SELECT balance FROM savings WHERE customer_id = @customer", new { customer }, transaction);
            await connection.ExecuteAsync(
                """
                UPDATE savings SET balance = 0 WHERE customer_id = @customer;
                UPDATE checking SET balance = balance + @savings WHERE customer_id = @customer
                """,
                new { customer, savings },
                transaction);
            return savings;
        });

    /// <summary>What EXPLAIN says about a transfer: the verdict, then each shard's part.</summary>
    public async Task<IReadOnlyList<string>> ExplainAsync(Transfer transfer)
    {
        await using ShardSqlConnection connection = await database.OpenConnectionAsync();
        return [.. await connection.QueryAsync<string>("EXPLAIN " + MoveMoney, transfer)];
    }

    /// <summary>All money, of one moment: the two sums are read in one transaction.</summary>
    public Task<decimal> TotalAsync() =>
        database.ExecuteInTransactionAsync(async (connection, transaction, cancellationToken) =>
        {
            const string Savings = "SELECT SUM(balance) FROM savings";
            const string Checking = "SELECT SUM(balance) FROM checking";
            return await connection.ExecuteScalarAsync<decimal>(Savings, transaction: transaction)
                + await connection.ExecuteScalarAsync<decimal>(Checking, transaction: transaction);
        });

    /// <summary>The ids of all transfers that are in the database.</summary>
    public async Task<HashSet<Guid>> TransferIdsAsync()
    {
        await using ShardSqlConnection connection = await database.OpenConnectionAsync();
        var ids = new HashSet<Guid>();
        await foreach (Guid id in connection.QueryUnbufferedAsync<Guid>("SELECT id FROM transfers"))
        {
            ids.Add(id);
        }

        return ids;
    }

    private static string InsertText()
    {
        IEnumerable<int> rows = Enumerable.Range(0, CustomersPerInsert);
        string names = string.Join(", ", rows.Select(i => $"(@Id{i}, @Name{i})"));
        string balances = string.Join(", ", rows.Select(i => $"(@Id{i}, @Opening)"));
        return $"""
            INSERT INTO accounts (customer_id, name) VALUES {names};
            INSERT INTO savings (customer_id, balance) VALUES {balances};
            INSERT INTO checking (customer_id, balance) VALUES {balances}
            """;
    }
}
