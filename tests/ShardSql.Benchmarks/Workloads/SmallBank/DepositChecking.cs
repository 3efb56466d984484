using System.Threading.Tasks;
using ShardSql.Benchmarks.Workloads.Transactions;
using static ShardSql.Benchmarks.Workloads.SmallBank.SmallBankStatements;

namespace ShardSql.Benchmarks.Workloads.SmallBank;

/// <summary>Brings money to a customer's checking.</summary>
internal sealed class DepositChecking(SmallBankTables tables, long customer) : ITransaction
{
    private const long Amount = 130;

    private readonly string _name = SmallBankTables.NameOf(customer);

    public async Task<bool> RunAsync(StatementSession session)
    {
        long found = await session.CustomerAsync(_name);
        await session.ChangeAsync(AddToChecking(found, Amount));
        return true;
    }

    public void Acknowledge() => tables.Bring(Amount);
}
