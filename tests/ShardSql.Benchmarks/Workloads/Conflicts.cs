using System.Data.Common;

namespace ShardSql.Benchmarks.Workloads;

/// <summary>Errors after which surely nothing was done.</summary>
internal static class Conflicts
{
    private const string SerializationFailure = "40001";
    private const string DeadlockDetected = "40P01";
    private const string LockNotAvailable = "55P03";

    public static bool IsRolledBack(DbException error) =>
        error.SqlState is SerializationFailure or DeadlockDetected or LockNotAvailable;
}
