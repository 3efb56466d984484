using System.Threading.Tasks;
using ShardSql.Benchmarks.Workloads.Transactions;
using static ShardSql.Benchmarks.Workloads.SmallBank.SmallBankStatements;

namespace ShardSql.Benchmarks.Workloads.SmallBank;

/// <summary>Pays from checking to checking, if there is enough.</summary>
internal sealed class SendPayment(long from, long to) : ITransaction
{
    private const long Amount = 500;

    public async Task<bool> RunAsync(StatementSession session)
    {
        Reply[] read = await session.RunAsync(AccountById(from), AccountById(to), Checking(from));
        if (read[2].Value<long>() < Amount)
        {
            return false;
        }

        await session.ChangeAsync(AddToChecking(from, -Amount), AddToChecking(to, Amount));
        return true;
    }
}
