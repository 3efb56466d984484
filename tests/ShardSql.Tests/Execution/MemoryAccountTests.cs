using System.Collections.Generic;
using System.Linq;
using ShardSql.Execution;
using ShardSql.Sql;
using Xunit;

namespace ShardSql.Tests.Execution;

public sealed class MemoryAccountTests
{
    [Fact]
    public void Reserve_beyondTheLimit_is53200AndChangesNothing()
    {
        using var account = new MemoryAccount("statement", 100);
        account.Reserve(60);

        SqlException error = Assert.Throws<SqlException>(() => account.Reserve(41));

        Assert.Equal(SqlStates.OutOfMemory, error.SqlState);
        Assert.Equal(
            "memory limit of the statement exceeded: limit 100 bytes, needed 101 bytes", error.Message);
        Assert.Equal(60, account.UsedBytes);
    }

    [Fact]
    public void Reserve_parentIsFull_isItsError()
    {
        using var session = new MemoryAccount("session", 1000);
        using var statement = new MemoryAccount("statement", 5000, session);

        SqlException error = Assert.Throws<SqlException>(() => statement.Reserve(2000));

        Assert.Contains("session", error.Message, System.StringComparison.Ordinal);
        Assert.Equal(0, statement.UsedBytes);
    }

    [Fact]
    public void Reserve_inSmallPieces_asksTheParentInSteps()
    {
        var parent = new Counting();
        using (var account = new MemoryAccount("statement", 1024 * 1024, parent))
        {
            for (int i = 0; i < 10_000; i++)
            {
                account.Reserve(20);
            }

            Assert.InRange(parent.Calls.Count, 1, 5);
            Assert.InRange(parent.Calls.Sum(), account.UsedBytes, account.UsedBytes + MemoryAccount.ReserveStepBytes);
            account.Release(account.UsedBytes);
            Assert.InRange(parent.Calls.Sum(), 0, MemoryAccount.ReserveStepBytes);
        }

        Assert.Equal(0, parent.Calls.Sum());
    }

    private sealed class Counting : IMemoryBudget
    {
        public List<long> Calls { get; } = [];

        public void Reserve(long bytes) => Calls.Add(bytes);

        public void Release(long bytes) => Calls.Add(-bytes);
    }
}
