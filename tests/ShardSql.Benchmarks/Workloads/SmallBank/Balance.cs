using System.Threading.Tasks;
using ShardSql.Benchmarks.Workloads.Transactions;
using static ShardSql.Benchmarks.Workloads.SmallBank.SmallBankStatements;

namespace ShardSql.Benchmarks.Workloads.SmallBank;

/// <summary>Reads what a customer has.</summary>
internal sealed class Balance(long customer) : ITransaction
{
    private readonly string _name = SmallBankTables.NameOf(customer);

    public async Task<bool> RunAsync(StatementSession session)
    {
        long found = await session.CustomerAsync(_name);
        Reply[] read = await session.RunAsync(Savings(found), Checking(found));
        _ = read[0].Value<long>() + read[1].Value<long>();
        return true;
    }
}
