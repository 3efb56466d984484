using System;
using System.Collections.Generic;

namespace ShardSql.Transactions;

/// <summary>What a leader counts, for SHOW SHARDS: commits, refusals by cause, waits, recoveries.</summary>
public sealed class LeaderCounters
{
    private readonly long[] _refusals = new long[Enum.GetValues<RefusalReason>().Length];

    /// <summary>Single-shard commits.</summary>
    public long Ones { get; private set; }

    /// <summary>PREPAREs voted yes for.</summary>
    public long Prepares { get; private set; }

    /// <summary>Cross-shard commits.</summary>
    public long Commits { get; private set; }

    /// <summary>Prepared transactions that did not commit.</summary>
    public long Aborts { get; private set; }

    /// <summary>Requests that had to wait for an outcome.</summary>
    public long Waits { get; set; }

    /// <summary>Recoveries begun.</summary>
    public long Recoveries { get; set; }

    /// <summary>Snapshot reads that met a version overwritten behind their back and were sent back.</summary>
    public long ReadRetries { get; set; }

    /// <summary>Refusals of a cause.</summary>
    public long RefusalsOf(RefusalReason reason) => _refusals[(int)reason];

    /// <summary>Counts a ONE.</summary>
    public void CountOne(Vote vote)
    {
        Ones += vote.Ok ? 1 : 0;
        _refusals[(int)vote.Reason]++;
    }

    /// <summary>Counts a PREPARE.</summary>
    public void CountPrepare(Vote vote)
    {
        Prepares += vote.Ok ? 1 : 0;
        _refusals[(int)vote.Reason]++;
    }

    /// <summary>Counts an outcome.</summary>
    public void CountOutcome(bool committed)
    {
        Commits += committed ? 1 : 0;
        Aborts += committed ? 0 : 1;
    }

    /// <summary>All counters by name.</summary>
    public IEnumerable<KeyValuePair<string, long>> All()
    {
        yield return new("ones", Ones);
        yield return new("prepares", Prepares);
        yield return new("commits", Commits);
        yield return new("aborts", Aborts);
        yield return new("waits", Waits);
        yield return new("recoveries", Recoveries);
        yield return new("read_retries", ReadRetries);
        yield return new("refused_window", RefusalsOf(RefusalReason.Window));
        yield return new("refused_late", RefusalsOf(RefusalReason.Late));
        yield return new("refused_busy", RefusalsOf(RefusalReason.Busy));
        yield return new("refused_snapshot_too_old", RefusalsOf(RefusalReason.SnapshotTooOld));
        yield return new("refused_stale_schema", RefusalsOf(RefusalReason.StaleSchema));
        yield return new("refused_stale_epoch", RefusalsOf(RefusalReason.StaleEpoch));
        yield return new("refused_moving", RefusalsOf(RefusalReason.Moving));
        yield return new("refused_closed", RefusalsOf(RefusalReason.Closed));
        yield return new("refused_disk_full", RefusalsOf(RefusalReason.DiskFull));
        yield return new("refused_evaluation", RefusalsOf(RefusalReason.StaleEvaluation));
    }
}
