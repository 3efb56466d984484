using System.Threading.Tasks;
using ShardSql.Benchmarks.Workloads.Transactions;
using static ShardSql.Benchmarks.Workloads.SmallBank.SmallBankStatements;

namespace ShardSql.Benchmarks.Workloads.SmallBank;

/// <summary>Takes from a customer's checking; who has less in both accounts pays a penalty.</summary>
internal sealed class WriteCheck(SmallBankTables tables, long customer) : ITransaction
{
    private const long Amount = 500;
    private const long Penalty = 100;

    private readonly string _name = SmallBankTables.NameOf(customer);
    private long _taken;

    public async Task<bool> RunAsync(StatementSession session)
    {
        long found = await session.CustomerAsync(_name);
        Reply[] read = await session.RunAsync(Savings(found), Checking(found));
        _taken = read[0].Value<long>() + read[1].Value<long>() < Amount ? Amount + Penalty : Amount;
        await session.ChangeAsync(AddToChecking(found, -_taken));
        return true;
    }

    public void Acknowledge() => tables.Bring(-_taken);
}
