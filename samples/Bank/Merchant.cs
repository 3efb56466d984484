using System;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;

using Dapper;

using ShardSql.Data;

namespace ShardSql.Bank;

/// <summary>A merchant whom everybody pays: each payment adds to his account, one row, as a part of its transaction. Spillover
/// takes that row out of their way while they go on.</summary>
internal sealed class Merchant(ShardSqlDataSource database)
{
    private const string Enable = "ALTER TABLE merchants ENABLE SPILLOVER ON (balance) FOR KEYS ((1))";

    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_measured = TimeSpan.FromSeconds(5);

    /// <summary>Lets the clients pay without spillover, then with it.</summary>
    /// <param name="places">The shard of each customer.</param>
    public async Task<(Window Before, Window After)> TellAsync(string[] places)
    {
        Console.WriteLine("\nA merchant whom all customers pay");
        var traffic = new Traffic(Next, PayAsync);
        using var end = new CancellationTokenSource();
        Task paying = traffic.RunAsync(end.Token);
        await Task.Delay(s_warmUp);
        (long From, long To) before = await Window.MeasureAsync(s_measured);

        Console.WriteLine($"{Enable}: while they pay");
        await using (ShardSqlConnection connection = await database.OpenConnectionAsync())
        {
            await connection.ExecuteAsync(Enable);
        }

        await Task.Delay(s_warmUp);
        (long From, long To) after = await Window.MeasureAsync(s_measured);
        await end.CancelAsync();
        await paying;

        var told = (
            Before: new Window(traffic.All(), before.From, before.To, places),
            After: new Window(traffic.All(), after.From, after.To, places));
        Console.WriteLine("                 payments/s   p50 ms   p99 ms");
        Console.WriteLine(Row("before", told.Before));
        Console.WriteLine(Row("after", told.After));
        return told;
    }

    private static Wish Next(Random random)
    {
        int customer = random.Next(Accounts.Customers);
        return new Wish(0, customer, customer, random.Next(1, 1_000) / 100m);
    }

    private Task PayAsync(Wish wish) => database.ExecuteInTransactionAsync(async (connection, transaction, _) =>
    {
        var values = new { a = wish.Customer, v = wish.Amount };
        await connection.ExecuteAsync("UPDATE checking SET balance = balance - @v WHERE customer = @a", values, transaction);
        await connection.ExecuteAsync("UPDATE merchants SET balance = balance + @v WHERE id = 1", values, transaction);
    });

    private static string Row(string name, Window window) => string.Create(
        CultureInfo.InvariantCulture,
        $"{name,-14}{window.PerSecond,13:N0}{window.PercentileMs(0.5),9:0.0}{window.PercentileMs(0.99),9:0.0}");
}
