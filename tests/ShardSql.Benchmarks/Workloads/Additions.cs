using System.Data.Common;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Benchmarks.Workloads;

/// <summary>A table of accounts that clients add to, and what was acknowledged of that; contenders that write the same
/// table share it.</summary>
internal sealed class Additions(DbDataSource source, int accounts, string table = AccountTable.DefaultName)
{
    private long _acknowledged;

    public DbDataSource Source => source;

    public string Table => table;

    /// <summary>Accounts 1 and up.</summary>
    public int Accounts => accounts;

    /// <summary>The sum so far.</summary>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>Notes what a transaction added that is surely there.</summary>
    public void Acknowledge(long amount) => Interlocked.Add(ref _acknowledged, amount);

    /// <summary>Compares what is stored with what was acknowledged.</summary>
    public async Task CheckAsync(string contender)
    {
        long expected = (accounts * AccountTable.InitialBalance) + Acknowledged;
        long found = await AccountTable.SumAsync(source, table);
        if (found != expected)
        {
            throw new BenchmarkException($"{contender}: the accounts hold {found}, acknowledged were {expected}.");
        }
    }
}
