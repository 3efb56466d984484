using System.Threading.Tasks;
using ShardSql.Benchmarks.Workloads.Transactions;
using static ShardSql.Benchmarks.Workloads.SmallBank.SmallBankStatements;

namespace ShardSql.Benchmarks.Workloads.SmallBank;

/// <summary>Moves all money of one customer to another's checking.</summary>
internal sealed class Amalgamate(long from, long to) : ITransaction
{
    public async Task<bool> RunAsync(StatementSession session)
    {
        Reply[] read = await session.RunAsync(AccountById(from), AccountById(to), Savings(from), Checking(from));
        long all = read[2].Value<long>() + read[3].Value<long>();
        await session.ChangeAsync(EmptySavings(from), EmptyChecking(from), AddToChecking(to, all));
        return true;
    }
}
