namespace ShardSql.Benchmarks.Load;

/// <summary>What one contender did in one window of time.</summary>
/// <param name="PerSecond">Acknowledged transactions per second.</param>
/// <param name="P50Ms">Median time of a transaction as its client saw it, ms.</param>
/// <param name="P99Ms">99th percentile of the same, ms.</param>
/// <param name="MaxMs">The longest of them, ms.</param>
/// <param name="ServerCpuMicroseconds">CPU of all server processes per transaction, µs.</param>
/// <param name="ClientCpuMicroseconds">CPU of the client program per transaction, µs.</param>
/// <param name="RolledBack">Transactions that were rolled back and not acknowledged.</param>
internal sealed record Window(
    double PerSecond,
    double P50Ms,
    double P99Ms,
    double MaxMs,
    double ServerCpuMicroseconds,
    double ClientCpuMicroseconds,
    long RolledBack)
{
    /// <summary>CPU of all processes per transaction, µs.</summary>
    public double CpuMicroseconds => ServerCpuMicroseconds + ClientCpuMicroseconds;
}
