using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Jobs;
using ShardSql.Gateway.Statements;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Writes;
using ShardSql.Sql.Values;
using ShardSql.Transactions;

namespace ShardSql.Gateway.Layouts;

/// <content>A shard gets its copies of reference tables: first what is written from now on, then the rows from before.</content>
internal sealed partial class LayoutStepRun
{
    private int _batchRows = GatewayLimits.BackfillBatchRows;

    private async Task FillShardAsync(CancellationToken ended)
    {
        while (GoesOn)
        {
            Topology topology = (await services.Catalog.NewestAsync(ended)).Map.Topology;
            if (topology.Serving.Contains(Shard))
            {
                await EndAsync(ended);
            }
            else if (!topology.Filling.Contains(Shard))
            {
                await BeginFillingAsync(ended);
            }
            else if (Job.Phase == JobPhase.CatchingUp)
            {
                await SettleAsync(ended);
            }
            else
            {
                await CopyAsync(ended);
            }
        }
    }

    private async Task BeginFillingAsync(CancellationToken ended)
    {
        await ChangeAsync(
            (state, layout) =>
            {
                RequireThere(layout);
                return new LayoutChange(null, state.Map.Topology.Fill(Shard));
            },
            isEnd: false,
            ended);
        if (GoesOn)
        {
            await NoteAsync((_, job) => job with { Phase = JobPhase.Copying, Position = [], WaitingFor = "" }, ended);
        }
    }

    /// <summary>Copies rows in batches, each a transaction that reads them, writes them and notes the position. Whoever changes one
    /// of its rows meanwhile is in the way of a batch: it is tried again with half of the rows, and the next one with twice as many.
    /// </summary>
    private async Task CopyAsync(CancellationToken ended)
    {
        while (GoesOn && Job.Phase != JobPhase.CatchingUp)
        {
            // A table may have been changed since it was looked at, or the shard have been dropped.
            await services.Catalog.CatchUpAsync(services.Catalog.Current, ended);
            if (!services.Catalog.Current.Map.Topology.Filling.Contains(Shard))
            {
                return;
            }

            int tries = 0;
            Job = await services.Store.ChangeAsync(
                async transaction =>
                {
                    _batchRows = tries++ == 0 ? _batchRows : int.Max(_batchRows / 2, 1);
                    JobRecord job = await services.JobRows.RequireAsync(transaction, taken, ended);
                    job = job.IsCancelled || job.IsPaused ? job : await CopyBatchAsync(transaction, job, ended);
                    return (services.JobRows.Write(transaction, job), HasWrites: true);
                },
                ended);
            _batchRows = int.Min(2 * _batchRows, GatewayLimits.BackfillBatchRows);
        }
    }

    private async Task<JobRecord> CopyBatchAsync(
        OpenTransaction transaction, JobRecord job, CancellationToken ended)
    {
        SystemState state = services.Catalog.Current;
        if (ReferenceBackfill.Next(state.Catalog, job.Position) is not { } next)
        {
            // All batches are in the snapshot in which the job's row says that there is none left.
            return job with { Phase = JobPhase.CatchingUp, WholeAt = transaction.Begin, Position = [] };
        }

        var backfill = new ReferenceBackfill(state, next.Table);
        using MemoryAccount account = MemoryAccount.ForStatement(services.Memory);
        List<SqlValue[]> rows = await GatherAsync(
            backfill.Read(next.After, (uint)_batchRows),
            transaction,
            account,
            ended);
        if (rows.Count > 0)
        {
            await GatherAsync(backfill.Write(Shard, rows), transaction, account, ended);
        }

        return job with
        {
            Phase = JobPhase.Copying,
            Position = backfill.PositionBehind(rows, isLast: rows.Count < _batchRows),
            RowsCopied = job.RowsCopied + rows.Count,
        };
    }

    private async Task<List<SqlValue[]>> GatherAsync(
        ShardTask task, OpenTransaction transaction, MemoryAccount account, CancellationToken ended)
    {
        using var gathering = new RowGathering(services.Runner, [task], transaction, NoSink.Instance, ended);
        return await gathering.RunAsync(account);
    }

    /// <summary>Waits until nobody can read at a snapshot from before the copies were whole: rows that were copied are younger
    /// than they were where they came from.</summary>
    private async Task SettleAsync(CancellationToken ended)
    {
        bool isSettled = !ReferenceBackfill.TablesOf(services.Catalog.Current.Catalog).Any()
            || (await services.Client.MoveAsync(Shard, null, ended)).Horizon >= Job.WholeAt;
        if (isSettled)
        {
            await EndAsync(ended);
            return;
        }

        await AwaitTrafficAsync("readers of older snapshots", ended);
    }

    /// <summary>Waits a while. The horizon of a shard without traffic stays where it is: a key that no row has is traffic.
    /// </summary>
    private async Task AwaitTrafficAsync(string waitingFor, CancellationToken ended)
    {
        await NoteAsync(
            (transaction, job) =>
            {
                transaction.At(Shard).Write(new KeyWrite(RowKeyLayout.RowPrefix(0), null));
                return job with { WaitingFor = waitingFor };
            },
            ended);
        await Task.Delay(GatewayLimits.JobPollInterval, services.Time, ended);
    }
}
