using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Plans;
using ShardSql.Gateway.Statements;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Ddl;
using ShardSql.Planning.Moves;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Writes;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Values;
using ShardSql.Transactions;

namespace ShardSql.Gateway.Jobs;

/// <summary>
/// Builds an index while its table is read and written (architecture.md §2), or writes a table anew as the entries of one
/// (<see cref="TableRewrites"/>): writes keep entries from the schema version
/// "write-only" on, and rows from before get theirs in batches, each a transaction that reads the rows, writes what is
/// missing and notes the position. Whoever changes such a row at the same time conflicts with it. So a batch may run
/// again, on any gateway. Before the new rows of a table take the place of the old ones all are compared.
/// </summary>
internal sealed class IndexBuild
{
    private readonly GatewayServices _services;
    private readonly JobRecord _taken;
    private readonly JobPace _pace;
    private JobRecord _job;

    public IndexBuild(GatewayServices services, JobRecord taken)
    {
        _services = services;
        _taken = taken;
        _job = taken;
        _pace = new JobPace(
            services.Time, () => _job, async ended => _job = await StepAsync(static job => job, ended));
    }

    /// <summary>Works until the job has ended, or is paused.</summary>
    public async Task<JobRecord> RunAsync(CancellationToken ended)
    {
        while (_job.HasWork)
        {
            _job = _job.Phase switch
            {
                JobPhase.Creating => await CreateAsync(ended),
                JobPhase.Copying => await CopyAsync(ended),
                JobPhase.CatchingUp => await SettleAsync(_job, ended),
                JobPhase.Verifying => await CompareAsync(ended),
                JobPhase.Switching when _job.IsRewrite => await SwitchAsync(ended),
                JobPhase.Switching => await AdvanceAsync(IndexState.Public, Succeeded, ended),
                _ => await CleanAsync(ended),
            };
        }

        return _job;
    }

    private static JobRecord Succeeded(JobRecord job) => job with { Phase = JobPhase.Done, State = JobState.Succeeded };

    private static JobRecord Gone(JobRecord job) => job with
    {
        Phase = JobPhase.Done,
        State = JobState.Cancelled,
        ErrorState = SqlStates.QueryCanceled,
        LastError = job.IsRewrite ? "the table was dropped while it was rewritten" : "the index was dropped while it was built",
    };

    // All batches are in the snapshot in which the job's row says that there is none left.
    private static JobRecord Whole(JobRecord job, HlcTimestamp snapshot) => job.IsRewrite
        ? job with { Phase = JobPhase.CatchingUp, WholeAt = snapshot }
        : job with { Phase = JobPhase.Switching };

    private static JobRecord Stopped(JobRecord job) => job with
    {
        Phase = JobPhase.Cleaning,
        ErrorState = SqlStates.QueryCanceled,
        LastError = "cancelled by CANCEL JOB",
    };

    // From here on its position is in the comparison.
    private static JobRecord Settled(JobRecord job) => job with
    {
        Phase = job.SkipsVerify ? JobPhase.Switching : JobPhase.Verifying, WaitingFor = "", ShardsDone = 0, Position = [],
    };

    /// <summary>Learns how many rows there are, and has writes keep entries from now on.</summary>
    private async Task<JobRecord> CreateAsync(CancellationToken ended)
    {
        SystemState state = _services.Catalog.Current;
        long rows = 0;
        if (state.Catalog.Find(_taken.TableId) is { } table)
        {
            (rows, _) = await new SegmentSurvey(_services.Client, state).MeasureAsync(
                table, GatewayLimits.MaxSurveyedBytesAtOnce, ended);
        }

        // Copied once, and compared from both sides.
        return await AdvanceAsync(
            IndexState.WriteOnly,
            job => job with
            {
                Phase = JobPhase.Copying, TotalWeight = job.IsRewrite && !job.SkipsVerify ? 3 * rows : rows,
            },
            ended);
    }

    private Task<JobRecord> AdvanceAsync(IndexState to, Func<JobRecord, JobRecord> step, CancellationToken ended) =>
        ChangeAsync(state => IndexChanges.Advance(state, _taken.TableId, _taken.IndexNumber, to), step, ended);

    /// <summary>The new rows become the table.</summary>
    private Task<JobRecord> SwitchAsync(CancellationToken ended)
    {
        uint placed = _taken.TableId;
        return ChangeAsync(
            state =>
            {
                placed = IndexOf(state)?.EntriesTableId ?? placed;
                return TableRewrites.Finish(state, _taken.TableId, _taken.IndexNumber);
            },
            job => Succeeded(job) with { TableId = placed },
            ended);
    }

    /// <summary>Waits until nobody can read at a snapshot from before the new rows were whole: a reader that begins with the
    /// old table and goes on with the new one must find there what it was.</summary>
    private async Task<JobRecord> SettleAsync(JobRecord known, CancellationToken ended)
    {
        SystemState state = _services.Catalog.Current;
        uint entries = IndexOf(state)?.EntriesTableId ?? 0;
        uint group = state.Catalog.Find(entries)?.GroupId ?? 0;
        var waiting = new List<ShardId>();
        foreach (ShardId shard in state.Map.OfGroup(group).Select(static segment => segment.Shard).Distinct())
        {
            if ((await _services.Client.MoveAsync(shard, null, ended)).Horizon < known.WholeAt)
            {
                waiting.Add(shard);
            }
        }

        JobRecord after = await _services.Store.ChangeAsync(
            async transaction =>
            {
                JobRecord job = await _services.JobRows.RequireAsync(transaction, _taken, ended);
                foreach (ShardId shard in waiting)
                {
                    // The horizon of a shard without traffic stays where it is: a key that no row has is traffic.
                    transaction.At(shard).Write(new KeyWrite(RowKeyLayout.RowPrefix(entries), null));
                }

                job = job.IsCancelled ? Stopped(job)
                    : job.IsPaused ? job
                    : waiting.Count == 0 ? Settled(job)
                    : job with { WaitingFor = "readers of older snapshots" };
                return (_services.JobRows.Write(transaction, job), HasWrites: true);
            },
            ended);
        if (after.GoesOn && after.Phase == JobPhase.CatchingUp)
        {
            await Task.Delay(GatewayLimits.JobPollInterval, _services.Time, ended);
        }

        return after;
    }

    private IndexDescriptor? IndexOf(SystemState state) =>
        state.Catalog.Find(_taken.TableId)?.Indexes.FirstOrDefault(index => index.Number == _taken.IndexNumber);

    private async Task<JobRecord> ChangeAsync(
        Func<SystemState, DdlChange?> change, Func<JobRecord, JobRecord> step, CancellationToken ended)
    {
        JobRecord? after = null;
        bool isHeld = false;
        bool made = await _services.Schema.ChangeAsync(
            change,
            async transaction =>
            {
                JobRecord job = await _services.JobRows.RequireAsync(transaction, _taken, ended);
                isHeld = !job.GoesOn;
                after = isHeld ? job : _services.JobRows.Write(transaction, step(job));
                return !isHeld;
            },
            ended);
        return made ? after!
            : await StepAsync(job => job.IsCancelled ? Stopped(job) : isHeld ? job : Gone(job), ended);
    }

    /// <summary>Removes the index; the job ends as failed or cancelled.</summary>
    private async Task<JobRecord> CleanAsync(CancellationToken ended)
    {
        static JobRecord End(JobRecord job) => job with
        {
            Phase = JobPhase.Done,
            State = job.IsCancelled ? JobState.Cancelled : JobState.Failed,
        };

        JobRecord? after = null;
        bool made = await _services.Schema.ChangeAsync(
            state => IndexChanges.Remove(state, _taken.TableId, _taken.IndexNumber),
            async transaction =>
            {
                JobRecord job = await _services.JobRows.RequireAsync(transaction, _taken, ended);
                after = _services.JobRows.Write(transaction, End(job));
                return true;
            },
            ended);
        return made ? after! : await StepAsync(End, ended);
    }

    /// <summary>A step of the job's row alone.</summary>
    private Task<JobRecord> StepAsync(Func<JobRecord, JobRecord> step, CancellationToken ended) =>
        _services.Store.ChangeAsync(
            async transaction =>
            {
                JobRecord job = await _services.JobRows.RequireAsync(transaction, _taken, ended);
                return (_services.JobRows.Write(transaction, step(job)), HasWrites: true);
            },
            ended);

    private async Task<JobRecord> CopyAsync(CancellationToken ended)
    {
        if (Backfill() is not { } backfill)
        {
            return await WithoutIndexAsync(ended);
        }

        long before = _job.BytesCopied;
        long began = _services.Time.GetTimestamp();
        _job = await CopyBatchAsync(backfill, ended);
        if (_job.GoesOn && _job.Phase == JobPhase.Copying)
        {
            await _pace.RestAsync(began, ended);
            await _pace.ThrottleAsync(_job.BytesCopied - before, ended);
        }

        return _job;
    }

    /// <summary>Compares the next part of the rows with what they are under their new keys.</summary>
    private async Task<JobRecord> CompareAsync(CancellationToken ended)
    {
        if (Backfill() is not { } backfill)
        {
            return await WithoutIndexAsync(ended);
        }

        var comparison = new RewriteComparison(_services, backfill);
        long began = _services.Time.GetTimestamp();
        ComparedPart part = _job.ShardsDone < comparison.Places
            ? await comparison.CompareAsync(_job.ShardsDone, _job.Position.Length == 0 ? null : _job.Position, ended)
            : new ComparedPart(0, null);
        _job = await StepAsync(
            job => job.IsCancelled ? Stopped(job)
                : job.IsPaused ? job
                : job.ShardsDone >= comparison.Places ? job with { Phase = JobPhase.Switching }
                : job with
                {
                    ShardsDone = job.ShardsDone + (part.Next is null ? 1 : 0),
                    Position = part.Next ?? [],
                    DoneWeight = job.DoneWeight + part.Rows,
                },
            ended);
        if (_job.GoesOn && _job.Phase == JobPhase.Verifying)
        {
            await _pace.RestAsync(began, ended);
        }

        return _job;
    }

    /// <summary>What entries are made with; null: the index is gone, or this gateway does not know yet how far it is.
    /// </summary>
    private IndexBackfill? Backfill()
    {
        SystemState state = _services.Catalog.Current;
        return IndexOf(state) is { } index && index.State != IndexState.DeleteOnly
            ? new IndexBackfill(state, state.Catalog.Find(_taken.TableId)!, index)
            : null;
    }

    private async Task<JobRecord> WithoutIndexAsync(CancellationToken ended)
    {
        await _services.Catalog.RefreshAsync(ended);
        return IndexOf(_services.Catalog.Current) is null ? await StepAsync(Gone, ended) : _job;
    }

    private Task<JobRecord> CopyBatchAsync(IndexBackfill backfill, CancellationToken ended) =>
        _services.Store.ChangeAsync(
            async transaction =>
            {
                JobRecord job = await _services.JobRows.RequireAsync(transaction, _taken, ended);
                IReadOnlyList<ShardId> shards = backfill.Shards();
                if (!job.GoesOn || job.ShardsDone >= shards.Count)
                {
                    job = job.IsCancelled ? Stopped(job) : job.IsPaused ? job : Whole(job, transaction.Begin);
                    return (_services.JobRows.Write(transaction, job), HasWrites: true);
                }

                using MemoryAccount account = MemoryAccount.ForStatement(_services.Memory);
                ShardId home = shards[job.ShardsDone];
                List<SqlValue[]> rows = await ReadAsync(
                    backfill.Read(home, job.Position.Length == 0 ? null : job.Position, GatewayLimits.BackfillBatchRows),
                    transaction,
                    account,
                    ended);
                long bytes = await WriteAsync(backfill, rows, home, transaction, account, ended);
                bool isLast = rows.Count < GatewayLimits.BackfillBatchRows;
                job = job with
                {
                    Shards = shards.Count,
                    ShardsDone = job.ShardsDone + (isLast ? 1 : 0),
                    Position = isLast ? [] : backfill.RowKeyOf(rows[^1]),
                    RowsCopied = job.RowsCopied + rows.Count,
                    BytesCopied = job.BytesCopied + bytes,
                };
                return (_services.JobRows.Write(transaction, job), HasWrites: true);
            },
            ended);

    private async Task<long> WriteAsync(
        IndexBackfill backfill,
        List<SqlValue[]> rows,
        ShardId home,
        OpenTransaction transaction,
        MemoryAccount account,
        CancellationToken ended)
    {
        var entries = new SortedDictionary<byte[], (BackfillEntry Entry, SqlValue[] Row)>(ByteKeyComparer.Instance);
        var exclusive = new SortedDictionary<ShardId, List<BackfillEntry>>();
        var suffixes = new SortedDictionary<byte[], byte[]>(ByteKeyComparer.Instance);
        foreach (SqlValue[] row in rows)
        {
            BackfillEntry entry = backfill.EntryOf(row, home);
            if (!entries.TryAdd(entry.Key, (entry, row)))
            {
                throw backfill.Duplicate(row);
            }

            if (entry.IsExclusive)
            {
                if (!exclusive.TryGetValue(entry.Shard, out List<BackfillEntry>? there))
                {
                    there = [];
                    exclusive.Add(entry.Shard, there);
                }

                there.Add(entry);
            }
        }

        foreach ((ShardId shard, List<BackfillEntry> there) in exclusive)
        {
            foreach (SqlValue[] found in await ReadAsync(
                backfill.ReadEntries(shard, there), transaction, account, ended))
            {
                suffixes[backfill.KeyOf(found)] = found[^1].AsBytes();
            }
        }

        long bytes = 0;
        foreach ((BackfillEntry entry, SqlValue[] row) in entries.Values)
        {
            if (suffixes.TryGetValue(entry.Key, out byte[]? of))
            {
                if (!ByteKeyComparer.Instance.Equals(of, entry.Suffix))
                {
                    throw backfill.Duplicate(row);
                }

                continue;
            }

            transaction.At(entry.Shard).Write(new KeyWrite(entry.Key, entry.Value));
            bytes += entry.Key.Length + entry.Value.Length;
        }

        return bytes;
    }

    private async Task<List<SqlValue[]>> ReadAsync(
        ShardTask task, OpenTransaction transaction, MemoryAccount account, CancellationToken ended)
    {
        using var gathering = new RowGathering(_services.Runner, [task], transaction, NoSink.Instance, ended);
        return await gathering.RunAsync(account);
    }
}
