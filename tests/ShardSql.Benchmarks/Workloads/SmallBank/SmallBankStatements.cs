using System.Threading.Tasks;
using ShardSql.Benchmarks.Workloads.Transactions;
using static System.Data.DbType;

namespace ShardSql.Benchmarks.Workloads.SmallBank;

/// <summary>The statements that SmallBank's transactions are made of.</summary>
internal static class SmallBankStatements
{
    private static readonly Statement s_accountByName =
        Statement.Query("SELECT custid FROM accounts WHERE name = @name", ("name", String));

    private static readonly Statement s_accountById =
        Statement.Query("SELECT name FROM accounts WHERE custid = @id", ("id", Int64));

    private static readonly Statement s_savings =
        Statement.Query("SELECT bal FROM savings WHERE custid = @id", ("id", Int64));

    private static readonly Statement s_checking =
        Statement.Query("SELECT bal FROM checking WHERE custid = @id", ("id", Int64));

    private static readonly Statement s_addToSavings = Statement.Change(
        "UPDATE savings SET bal = bal + @amount WHERE custid = @id", ("amount", Int64), ("id", Int64));

    private static readonly Statement s_addToChecking = Statement.Change(
        "UPDATE checking SET bal = bal + @amount WHERE custid = @id", ("amount", Int64), ("id", Int64));

    private static readonly Statement s_emptySavings =
        Statement.Change("UPDATE savings SET bal = 0 WHERE custid = @id", ("id", Int64));

    private static readonly Statement s_emptyChecking =
        Statement.Change("UPDATE checking SET bal = 0 WHERE custid = @id", ("id", Int64));

    /// <summary>The customer of a name.</summary>
    public static async Task<long> CustomerAsync(this StatementSession session, string name) =>
        (await session.RunAsync(s_accountByName.With(name))).Value<long>();

    public static Call AccountById(long customer) => s_accountById.With(customer);

    public static Call Savings(long customer) => s_savings.With(customer);

    public static Call Checking(long customer) => s_checking.With(customer);

    public static Call AddToSavings(long customer, long amount) => s_addToSavings.With(amount, customer);

    public static Call AddToChecking(long customer, long amount) => s_addToChecking.With(amount, customer);

    public static Call EmptySavings(long customer) => s_emptySavings.With(customer);

    public static Call EmptyChecking(long customer) => s_emptyChecking.With(customer);

    /// <summary>Runs UPDATEs of one row each.</summary>
    public static async Task ChangeAsync(this StatementSession session, params Call[] calls)
    {
        foreach (Reply reply in await session.RunAsync(calls))
        {
            reply.RequireChanged(1);
        }
    }
}
