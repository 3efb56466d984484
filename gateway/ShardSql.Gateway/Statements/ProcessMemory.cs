using System.Threading;

using ShardSql.Execution;

namespace ShardSql.Gateway.Statements;

/// <summary>What all sessions of a gateway may buffer together: the root of their memory accounts (53200).</summary>
internal sealed class ProcessMemory(long limitBytes) : IMemoryBudget
{
    private long _used;

    /// <summary>Bytes in use.</summary>
    public long UsedBytes => Interlocked.Read(ref _used);

    /// <inheritdoc />
    public void Reserve(long bytes)
    {
        long used = Interlocked.Add(ref _used, bytes);
        if (used > limitBytes)
        {
            Interlocked.Add(ref _used, -bytes);
            throw MemoryAccount.LimitExceeded("gateway", limitBytes, used);
        }
    }

    /// <inheritdoc />
    public void Release(long bytes) => Interlocked.Add(ref _used, -bytes);
}
