using System;
using System.Threading.Tasks;

using Dapper;

using ShardSql.Data;

namespace ShardSql.Bank;

/// <summary>What a customer wants, and of whom.</summary>
internal readonly record struct Wish(int Kind, int Customer, int Other, decimal Amount)
{
    /// <summary>Whether two customers take part.</summary>
    public bool HasTwo => Other != Customer;
}

/// <summary>SmallBank's mix: 40 % of the transactions are between two customers, of one community but for 5 %.</summary>
internal sealed class Transactions(ShardSqlDataSource database)
{
    private const int CommunitySize = 10;
    private const int NoisePercent = 5;
    private const int KindsOfOne = 60;
    private const int Payments = 85;

    private static readonly int[] s_members = Shuffled();

    /// <summary>The next wish.</summary>
    public static Wish Next(Random random)
    {
        int kind = random.Next(100);
        int place = random.Next(Accounts.Customers);
        decimal amount = random.Next(1, 10_000) / 100m;
        if (kind < KindsOfOne)
        {
            return new Wish(kind, s_members[place], s_members[place], amount);
        }

        int other = random.Next(100) < NoisePercent
            ? (place + random.Next(1, Accounts.Customers)) % Accounts.Customers
            : (place / CommunitySize * CommunitySize) + ((place + random.Next(1, CommunitySize)) % CommunitySize);
        return new Wish(kind, s_members[place], s_members[other], amount);
    }

    /// <summary>Runs a transaction; it is durable on two of three nodes when this returns.</summary>
    public async Task RunAsync(Wish wish)
    {
        var values = new { a = wish.Customer, b = wish.Other, v = wish.Amount, id = Guid.NewGuid() };
        switch (wish.Kind)
        {
            case < 15:
                await QueryAsync(
                    "SELECT s.balance + c.balance FROM savings s JOIN checking c ON c.customer = s.customer WHERE s.customer = @a",
                    values);
                break;
            case < 30:
                await ExecuteAsync(
                    "UPDATE checking SET balance = balance + @v WHERE customer = @a; INSERT INTO ledger VALUES (@a, @id, @v)", values);
                break;
            case < 45:
                await ExecuteAsync(
                    "UPDATE savings SET balance = balance + @v WHERE customer = @a; INSERT INTO ledger VALUES (@a, @id, @v)", values);
                break;
            case < KindsOfOne:
                await ExecuteAsync(
                    "UPDATE checking SET balance = balance - @v WHERE customer = @a; INSERT INTO ledger VALUES (@a, @id, -@v)", values);
                break;
            case < Payments:
                await ExecuteAsync(
                    "UPDATE checking SET balance = balance + CASE customer WHEN @b THEN @v ELSE -@v END WHERE customer IN (@a, @b)",
                    values);
                break;
            default:
                await AmalgamateAsync(wish);
                break;
        }
    }

    private Task AmalgamateAsync(Wish wish) => database.ExecuteInTransactionAsync(async (connection, transaction, _) =>
    {
        var two = new { a = wish.Customer, b = wish.Other };
        decimal savings = await connection.ExecuteScalarAsync<decimal>(
            "SELECT balance FROM savings WHERE customer = @a", two, transaction);
        await connection.ExecuteAsync(
            "UPDATE savings SET balance = 0 WHERE customer = @a; UPDATE checking SET balance = balance + @savings WHERE customer = @b",
            new { two.a, two.b, savings },
            transaction);
    });

    private async Task ExecuteAsync(string text, object values)
    {
        await using ShardSqlConnection connection = await database.OpenConnectionAsync();
        await connection.ExecuteAsync(text, values);
    }

    private async Task QueryAsync(string text, object values)
    {
        await using ShardSqlConnection connection = await database.OpenConnectionAsync();
        await connection.QuerySingleAsync<decimal>(text, values);
    }

    // Who is of one community, no id tells.
    private static int[] Shuffled()
    {
        int[] members = new int[Accounts.Customers];
        for (int i = 0; i < members.Length; i++)
        {
            members[i] = i;
        }

        new Random(1).Shuffle(members);
        return members;
    }
}
