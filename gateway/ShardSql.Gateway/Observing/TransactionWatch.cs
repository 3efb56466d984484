using System;
using System.Collections.Generic;
using System.Threading;

using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Spillover;
using ShardSql.Gateway.Statements;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Planning.TransactionGraph;
using ShardSql.Primitives;
using ShardSql.Transactions;

namespace ShardSql.Gateway.Observing;

/// <summary>
/// Feeds the graph of transactions (sharding.md §5): every committed one is counted, of one in so many the rows are looked
/// at, and the row that a conflict is about is counted as aborted. What is not looked at costs a few atomic additions, which
/// the next sample takes along. A commit never waits for somebody who reads the graph: its rows are missed instead. Rows that
/// spill over by themselves learn of conflicts here, too.
/// </summary>
internal sealed class TransactionWatch(
    TelemetryOptions? options, TimeProvider time, Func<SystemState> state, HotRowWatch? hotRows = null)
{
    private readonly Lock _gate = new();
    private readonly long _started = time.GetTimestamp();
    private readonly long[] _waitingByShard = new long[TransactionTelemetry.ShardsMax];
    private readonly long[] _taken = new long[TransactionTelemetry.ShardsMax];
    private TransactionTelemetry? _telemetry;
    private int _readers;
    private long _transactions;
    private long _counted;
    private long _waitingCrossShard;
    private long _sampled;
    private long _missed;
    private long _aborts;

    /// <summary>How much is kept; null: nothing is.</summary>
    public TelemetryOptions? Options => options;

    /// <summary>A transaction has ended. One that only read, and kept nothing of it, is known by its plans. Its refusals were
    /// told one by one.</summary>
    public void Ended(CommitOutcome outcome, OpenTransaction transaction, IReadOnlyList<StatementPlan> plans)
    {
        if (options is not null && outcome.Verdict == CommitVerdict.Committed)
        {
            Committed(transaction, plans);
        }
    }

    /// <summary>Statements that were run by their shard's leader have ended.</summary>
    public void Ended(CommitOutcome outcome, ShardTask task)
    {
        if (task.Shard == ShardId.System)
        {
            return;
        }

        if (outcome.Verdict == CommitVerdict.Committed)
        {
            Committed(task);
        }
        else if (IsConflict(outcome))
        {
            RefusedThere(outcome, task);
        }
    }

    private void Committed(OpenTransaction transaction, IReadOnlyList<StatementPlan> plans)
    {
        bool isSample = transaction.OnlyParticipant is { } only ? IsSample(only) : IsSample(transaction.Participants);
        if (!isSample)
        {
            return;
        }

        TouchedRows rows = new TouchedRows(state()).Add(transaction);
        if (!transaction.WantsReadSet)
        {
            foreach (StatementPlan plan in plans)
            {
                Add(rows, plan);
            }
        }

        AddSample(rows.ToArray());
    }

    private void Committed(ShardTask task)
    {
        if (options is not null && IsSample(task.Shard))
        {
            AddSample(new TouchedRows(state()).Add(task).ToArray());
        }
    }

    // Apart, so that what commits makes no closure.
    private void RefusedThere(CommitOutcome outcome, ShardTask task) => Refused(outcome.No?.Key, rows => rows.Add(task));

    /// <summary>An attempt was refused: whose fault it was, as far as is known, is hot.</summary>
    public void Refused(CommitOutcome outcome, OpenTransaction transaction)
    {
        if (IsConflict(outcome))
        {
            Refused(outcome.No?.Key, rows => AddWrites(rows, transaction));
        }
    }

    /// <summary>A transaction cannot commit any more, whatever it does.</summary>
    public void Refused(OpenTransaction transaction) => Refused(null, rows => AddWrites(rows, transaction));

    /// <summary>What is known now; null where nothing is kept.</summary>
    public T? Read<T>(Func<TransactionTelemetry, GraphTotals, T> look)
        where T : class
    {
        if (options is null)
        {
            return null;
        }

        Interlocked.Increment(ref _readers);
        try
        {
            lock (_gate)
            {
                TransactionTelemetry telemetry = Telemetry();
                TakeCounts(telemetry, NowMs());
                var totals = new GraphTotals(
                    Interlocked.Read(ref _transactions),
                    _sampled,
                    Interlocked.Read(ref _missed),
                    _aborts,
                    telemetry.TransactionsPerSecond,
                    telemetry.CrossShardPerMillion,
                    telemetry.KeyCount,
                    telemetry.SegmentCount,
                    telemetry.EdgeCount);
                return look(telemetry, totals);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _readers);
        }
    }

    /// <summary>All that is known now, for resharding; null where nothing is kept.</summary>
    public GraphSnapshot? Snapshot() => Read(static (telemetry, totals) => new GraphSnapshot(
        telemetry.ToGraph(), telemetry.HotKeys(int.MaxValue), telemetry.HotEdges(int.MaxValue), totals));

    /// <summary>Only conflicts with other transactions say that rows are hot.</summary>
    private static bool IsConflict(CommitOutcome outcome) => outcome.Verdict == CommitVerdict.Refused
        && outcome.Reason is RefusalReason.Window or RefusalReason.Late or RefusalReason.Busy or RefusalReason.StaleEvaluation;

    private static void Add(TouchedRows rows, StatementPlan plan)
    {
        foreach (ShardTask task in plan.Tasks)
        {
            rows.Add(task);
        }
    }

    private static void AddWrites(TouchedRows rows, OpenTransaction transaction)
    {
        foreach ((byte[] key, bool isWrite) in transaction.Touched())
        {
            if (isWrite && !rows.Add(key, isWrite: true))
            {
                return;
            }
        }
    }

    private void Refused(byte[]? conflict, Action<TouchedRows> others)
    {
        if (options is null && hotRows is null)
        {
            return;
        }

        // A vote cuts long keys: such a one names no row.
        var rows = new TouchedRows(state());
        if (conflict is { Length: < Vote.KeyLengthMax })
        {
            rows.Add(conflict, isWrite: true);
        }
        else
        {
            others(rows);
        }

        TouchedKey[] touched = rows.ToArray();
        foreach (TouchedKey row in touched)
        {
            if (state().Catalog.Find(row.TableId)?.Spillover?.Trigger == SpilloverTrigger.Auto)
            {
                hotRows?.Conflicts(row.TableId, row.Key.Span);
            }
        }

        if (options is not null && !IsRead())
        {
            lock (_gate)
            {
                _aborts++;
                Telemetry().AddAborted(touched, NowMs());
            }
        }
    }

    /// <summary>Counts a transaction of one shard.</summary>
    private bool IsSample(ShardId shard)
    {
        if (shard == ShardId.System)
        {
            return false;
        }

        Interlocked.Increment(ref _waitingByShard[shard.Value % TransactionTelemetry.ShardsMax]);
        return IsSample();
    }

    /// <summary>Counts a transaction of several shards, or of none.</summary>
    private bool IsSample(IReadOnlyCollection<ShardId> shards)
    {
        int count = 0;
        foreach (ShardId shard in shards)
        {
            if (shard != ShardId.System)
            {
                count++;
                Interlocked.Increment(ref _waitingByShard[shard.Value % TransactionTelemetry.ShardsMax]);
            }
        }

        if (count > 1)
        {
            Interlocked.Increment(ref _waitingCrossShard);
        }

        return count > 0 && IsSample();
    }

    /// <summary>One of each block of transactions, at a place in it that no rhythm of the load can follow.</summary>
    private bool IsSample()
    {
        ulong number = (ulong)Interlocked.Increment(ref _transactions);
        ulong every = (ulong)options!.SampleEvery;
        return number % every == Hash64.Combine(options.Seed, number / every) % every;
    }

    private void AddSample(TouchedKey[] touched)
    {
        if (!IsRead())
        {
            lock (_gate)
            {
                _sampled++;
                TransactionTelemetry telemetry = Telemetry();
                long nowMs = NowMs();
                TakeCounts(telemetry, nowMs);
                telemetry.AddSample(touched, nowMs);
            }
        }
    }

    private void TakeCounts(TransactionTelemetry telemetry, long nowMs)
    {
        for (int i = 0; i < _taken.Length; i++)
        {
            _taken[i] = _waitingByShard[i] == 0 ? 0 : Interlocked.Exchange(ref _waitingByShard[i], 0);
        }

        long transactions = Interlocked.Read(ref _transactions);
        telemetry.AddCounts(transactions - _counted, Interlocked.Exchange(ref _waitingCrossShard, 0), _taken, nowMs);
        _counted = transactions;
    }

    private bool IsRead()
    {
        if (Volatile.Read(ref _readers) == 0)
        {
            return false;
        }

        Interlocked.Increment(ref _missed);
        return true;
    }

    private TransactionTelemetry Telemetry() => _telemetry ??= new TransactionTelemetry(options!);

    private long NowMs() => (long)time.GetElapsedTime(_started).TotalMilliseconds;
}
