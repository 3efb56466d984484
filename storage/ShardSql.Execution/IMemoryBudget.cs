namespace ShardSql.Execution;

/// <summary>
/// Something that memory can be reserved from. A statement's <see cref="MemoryAccount"/> reserves from its session's,
/// that from the process's; the process's is the host's own, because only a host knows threads.
/// </summary>
public interface IMemoryBudget
{
    /// <summary>Reserves so many bytes; SqlException 53200 with limit and actual where they are not to be had.</summary>
    void Reserve(long bytes);

    /// <summary>Gives back what was reserved.</summary>
    void Release(long bytes);
}
