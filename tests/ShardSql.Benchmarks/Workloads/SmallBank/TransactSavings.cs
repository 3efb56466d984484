using System.Threading.Tasks;
using ShardSql.Benchmarks.Workloads.Transactions;
using static ShardSql.Benchmarks.Workloads.SmallBank.SmallBankStatements;

namespace ShardSql.Benchmarks.Workloads.SmallBank;

/// <summary>Takes from a customer's savings, if there is enough.</summary>
internal sealed class TransactSavings(SmallBankTables tables, long customer) : ITransaction
{
    private const long Amount = 2_020;

    private readonly string _name = SmallBankTables.NameOf(customer);

    public async Task<bool> RunAsync(StatementSession session)
    {
        long found = await session.CustomerAsync(_name);
        if ((await session.RunAsync(Savings(found))).Value<long>() < Amount)
        {
            return false;
        }

        await session.ChangeAsync(AddToSavings(found, -Amount));
        return true;
    }

    public void Acknowledge() => tables.Bring(-Amount);
}
