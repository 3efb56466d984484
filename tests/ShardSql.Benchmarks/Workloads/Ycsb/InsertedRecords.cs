using System.Collections.Generic;
using System.Threading;

namespace ShardSql.Benchmarks.Workloads.Ycsb;

/// <summary>Numbers of records: which are to be inserted next, and up to which all are surely there.</summary>
internal sealed class InsertedRecords(long loaded)
{
    private readonly Lock _lock = new();
    private readonly HashSet<long> _ahead = [];
    private long _next = loaded;
    private long _visible = loaded;
    private long _acknowledged = loaded;

    /// <summary>All records of numbers below this are there.</summary>
    public long Visible => Interlocked.Read(ref _visible);

    /// <summary>How many are there.</summary>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>The number of a record to insert.</summary>
    public long Take() => Interlocked.Increment(ref _next) - 1;

    /// <summary>Notes that a record has been inserted.</summary>
    public void Acknowledge(long number)
    {
        lock (_lock)
        {
            _acknowledged++;
            _ahead.Add(number);
            while (_ahead.Remove(_visible))
            {
                _visible++;
            }
        }
    }
}
