using System.Threading;

namespace ShardSql.Storage.Stores;

/// <summary>Counts and summed latencies of a base store, readable while it works.</summary>
public sealed class StoreMetrics
{
    private long _reads;
    private long _writes;
    private long _errors;
    private long _readMicroseconds;
    private long _writeMicroseconds;

    /// <summary>Gets and scans.</summary>
    public long Reads => Interlocked.Read(ref _reads);

    /// <summary>Applied batches.</summary>
    public long Writes => Interlocked.Read(ref _writes);

    /// <summary>Calls that failed.</summary>
    public long Errors => Interlocked.Read(ref _errors);

    /// <summary>Time spent in reads, µs.</summary>
    public long ReadMicroseconds => Interlocked.Read(ref _readMicroseconds);

    /// <summary>Time spent in writes and syncs, µs.</summary>
    public long WriteMicroseconds => Interlocked.Read(ref _writeMicroseconds);

    /// <summary>Counts a read.</summary>
    public void CountRead(long microseconds)
    {
        Interlocked.Increment(ref _reads);
        Interlocked.Add(ref _readMicroseconds, microseconds);
    }

    /// <summary>Counts a batch or a sync.</summary>
    public void CountWrite(long microseconds)
    {
        Interlocked.Increment(ref _writes);
        Interlocked.Add(ref _writeMicroseconds, microseconds);
    }

    /// <summary>Counts a failed call.</summary>
    public void CountError() => Interlocked.Increment(ref _errors);
}
