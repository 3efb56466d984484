using System;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Workloads.Transactions;
using static ShardSql.Benchmarks.Workloads.Transactions.Columns;

namespace ShardSql.Benchmarks.Workloads.SmallBank;

/// <summary>
/// Accounts with a name, savings and checking of each customer, in cents; and how much committed transactions brought.
/// </summary>
internal sealed class SmallBankTables
{
    /// <summary>Customers 0 and up.</summary>
    public const int Customers = 20_000;

    private const int NameLength = 64;
    private const int BalanceMin = 1_000_000;
    private const int BalanceMax = 5_000_000;
    private const int Seed = 5;

    private readonly Side _side;
    private readonly long _loaded;
    private long _brought;

    private SmallBankTables(Side side, long loaded)
    {
        _side = side;
        _loaded = loaded;
    }

    /// <summary>Makes and fills the tables.</summary>
    public static async Task<SmallBankTables> LoadAsync(Side side)
    {
        await side.ExecuteAsync(
            $"CREATE TABLE accounts (custid bigint PRIMARY KEY, name varchar({NameLength}) NOT NULL)");
        foreach (string table in (string[])["savings", "checking"])
        {
            await side.ExecuteAsync(
                $"CREATE TABLE {table} (custid bigint PRIMARY KEY REFERENCES accounts, bal bigint NOT NULL)"
                + side.Ours("COLOCATED WITH accounts"));
        }

        await side.ExecuteAsync("CREATE INDEX accounts_name ON accounts (name)");
        var random = new Random(Seed);
        (long Savings, long Checking)[] balances =
        [
            .. Enumerable.Range(0, Customers).Select(_ =>
                ((long)random.Next(BalanceMin, BalanceMax + 1), (long)random.Next(BalanceMin, BalanceMax + 1))),
        ];
        await TableLoader.FillAsync(
            side,
            "accounts",
            [.. Bigints("custid"), .. Texts("name")],
            balances.Select((_, customer) => new object[] { (long)customer, NameOf(customer) }));
        await TableLoader.FillAsync(
            side,
            "savings",
            [.. Bigints("custid", "bal")],
            balances.Select((balance, customer) => new object[] { (long)customer, balance.Savings }));
        await TableLoader.FillAsync(
            side,
            "checking",
            [.. Bigints("custid", "bal")],
            balances.Select((balance, customer) => new object[] { (long)customer, balance.Checking }));
        return new SmallBankTables(side, balances.Sum(static balance => balance.Savings + balance.Checking));
    }

    /// <summary>A customer's name.</summary>
    public static string NameOf(long customer) =>
        customer.ToString(CultureInfo.InvariantCulture).PadLeft(NameLength, '0');

    /// <summary>Notes cents that a committed transaction brought in, or, below 0, took out.</summary>
    public void Bring(long cents) => Interlocked.Add(ref _brought, cents);

    /// <summary>Compares all money with what was committed; null: it is all there.</summary>
    public async Task<string?> FindWrongAsync()
    {
        long expected = _loaded + Interlocked.Read(ref _brought);
        object[] row = (await _side.QueryAsync(
            "SELECT (SELECT SUM(bal) FROM savings) + (SELECT SUM(bal) FROM checking)"))[0];
        long found = Convert.ToInt64(row[0], CultureInfo.InvariantCulture);
        return found == expected ? null : $"customers hold {found} cents, acknowledged were {expected}.";
    }
}
