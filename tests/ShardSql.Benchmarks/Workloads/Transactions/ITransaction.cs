using System.Threading.Tasks;

namespace ShardSql.Benchmarks.Workloads.Transactions;

/// <summary>A transaction with its inputs drawn, so that one that was rolled back is run again as it was.</summary>
internal interface ITransaction
{
    /// <summary>Whether it is a single statement, which needs no BEGIN and COMMIT.</summary>
    bool IsOneStatement => false;

    /// <summary>Runs its statements; false: its own rule says that nothing of it shall stay.</summary>
    Task<bool> RunAsync(StatementSession session);

    /// <summary>Notes what it did, now that it is surely there.</summary>
    void Acknowledge()
    {
    }
}
