using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Execution.Relations;
using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Sequences;
using ShardSql.Gateway.Sessions;
using ShardSql.Gateway.Stamps;
using ShardSql.Planning;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Values;
using ShardSql.Storage.Client;

namespace ShardSql.Gateway.Statements;

/// <summary>
/// Runs a plan's fragments at a transaction's snapshot and makes one result of their rows. One batch of each shard is
/// asked for ahead, and no more: a sink that waits stops the statement's own cursors and nobody else's.
/// </summary>
internal sealed partial class PlanRunner
{
    private const int StepRows = 4_096;

    public PlanRunner(
        IShardClient client,
        StampSource stamps,
        BackgroundWork background,
        Func<VirtualTable, OpenTransaction, CancellationToken, ValueTask<IReadOnlyList<SqlValue[]>>> rowsOf)
    {
        Client = client;
        Stamps = stamps;
        Background = background;
        RowsOf = rowsOf;
    }

    /// <summary>The shards.</summary>
    public IShardClient Client { get; }

    /// <summary>Where stamps that shards name go.</summary>
    public StampSource Stamps { get; }

    /// <summary>Where what nobody waits for is followed.</summary>
    public BackgroundWork Background { get; }

    /// <summary>Counts the rows of operators; null: nobody asks.</summary>
    public RelationCounts? Counts { get; init; }

    /// <summary>The rows of one of the gateway's tables, as a transaction sees them.</summary>
    public Func<VirtualTable, OpenTransaction, CancellationToken, ValueTask<IReadOnlyList<SqlValue[]>>> RowsOf { get; }

    private async Task<long> RunAsPlannedAsync(
        StatementPlan plan, OpenTransaction transaction, IRowSink sink, MemoryAccount account, CancellationToken ended)
    {
        if (plan.Relation is { } query)
        {
            var pump = new RelationPump(this, query, transaction, sink, ended);
            if (plan.Then is null)
            {
                await pump.RunAsync(account);
                return -1;
            }

            return await RunAsync(
                await ThenAsync(plan, await pump.GatherAsync(account), ended), transaction, sink, account, ended);
        }

        if (plan.Then is not null)
        {
            using var gathering = new RowGathering(this, plan.Tasks, transaction, sink, ended);
            return await RunAsync(
                await ThenAsync(plan, await gathering.RunAsync(account), ended), transaction, sink, account, ended);
        }

        return plan.FollowUp is null
            ? await RunTasksAsync(plan, transaction, sink, account, ended)
            : await RunWithFollowUpAsync(plan, plan.FollowUp, transaction, sink, account, ended);
    }

    /// <summary>What a plan does with the rows that it found; that may take numbers of sequences for each.</summary>
    private static async ValueTask<StatementPlan> ThenAsync(
        StatementPlan plan, IReadOnlyList<SqlValue[]> found, CancellationToken ended)
    {
        if (plan.Numbers is not StatementNumbers numbers)
        {
            return plan.Then!(found);
        }

        StatementPlan next = await numbers.PlanAsync(() => plan.Then!(found), ended);
        return next.Then is null ? next : next with { Numbers = numbers };
    }

    private async Task<long> RunTasksAsync(
        StatementPlan plan, OpenTransaction transaction, IRowSink sink, MemoryAccount account, CancellationToken ended)
    {
        var effects = new List<KeyValuePair<ShardId, FragmentReply>>();
        long affected = await new Pump(this, plan, transaction, sink, effects, ended).RunAsync(account);
        foreach ((ShardId shard, FragmentReply reply) in effects)
        {
            transaction.Take(shard, reply);
        }

        return plan.Kind == StatementKind.Write ? plan.Affected ?? affected : -1;
    }

    /// <summary>Hands rows that are there already through the plan's output.</summary>
    public static async Task PassAsync(
        StatementPlan plan,
        IReadOnlyList<(ReadOnlyMemory<byte> Rows, int Count)> sources,
        IRowSink sink,
        MemoryAccount account)
    {
        StatementRun run = plan.CreateRun(account);
        var output = new ByteWriter();
        int supplied = 0;
        while (true)
        {
            StatementRunState state = run.Step(StepRows);
            await EmitAsync(run, output, sink);
            if (state == StatementRunState.Done)
            {
                return;
            }

            if (state == StatementRunState.NeedSource)
            {
                Invariant.Check(supplied < sources.Count, "Every source has been supplied.");
                run.Supply(supplied, sources[supplied].Rows, sources[supplied].Count, exhausted: true);
                supplied++;
            }
        }
    }

    /// <summary>Hands on the rows that a run has ready.</summary>
    public static async ValueTask EmitAsync(StatementRun run, ByteWriter output, IRowSink sink)
    {
        if (!run.HasOutput)
        {
            return;
        }

        output.Clear();
        int count = run.TakeOutput(output);
        await sink.RowsAsync(output.WrittenMemory, count);
    }

    /// <summary>A task at the snapshot of its transaction, with that transaction's writes laid over.</summary>
    public static FragmentRequest RequestOf(ShardTask task, OpenTransaction transaction, bool drawsSnapshot) => new()
    {
        Begin = transaction.Begin,
        AtNewest = drawsSnapshot,
        Fragment = task.Fragment.ToArray(),
        Parameters = task.Parameters.ToArray(),
        Guards = transaction.GuardsOf(task),
        Overlay = transaction.OverlayAt(task.Shard),
        WantReadSet = transaction.WantsReadSet,
        ReadsFormer = !transaction.HasWrites,
        BatchBytes = GatewayLimits.RowBatchBytes,
    };

    /// <summary>Takes the stamps of a reply, and throws where it cannot be used.</summary>
    public static void Require(
        ShardTask task, FragmentReply reply, OpenTransaction transaction, IRowSink sink, StampSource stamps)
    {
        stamps.Merge(reply.EtaHint);
        stamps.Merge(reply.MovePast);
        if (transaction.IsFresh && reply.Begin > transaction.Begin)
        {
            stamps.Merge(reply.Begin);
            transaction.BeginAt(reply.Begin);
        }

        switch (reply.Status)
        {
            case ReplyStatus.Ok when reply.PiHint <= transaction.Begin:
                MeetRetry(task, transaction, sink);
                break;
            case ReplyStatus.Ok:
                break;
            case ReplyStatus.Failed:
                throw ErrorFrames.ToException(reply.Failure);
            default:
                throw new SnapshotRefusedException(task.Shard, reply.Status) { Tables = task.TableIds };
        }
    }

    /// <summary>Closes the cursor of a batch that nobody reads any more.</summary>
    public static async Task CloseAsync(IShardClient client, ShardId shard, Task<FragmentReply> coming, ulong cursor)
    {
        await ((Task)coming).ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (coming.IsCompletedSuccessfully)
        {
            // What is not read may still say how late it is.
            FragmentReply reply = await coming;
            cursor = reply.Cursor;
        }

        if (cursor != 0)
        {
            client.CloseCursor(shard, cursor);
        }
    }

    /// <summary>What was read has been overwritten by one that comes before this snapshot (commit.md §2): another
    /// snapshot, or where it is too late for that, validation like a writer's.</summary>
    private static void MeetRetry(ShardTask task, OpenTransaction transaction, IRowSink sink)
    {
        if (!transaction.HasAnswered && !sink.HasSent && !transaction.HasWrites)
        {
            throw new SnapshotRefusedException(task.Shard, ReplyStatus.Retry) { Tables = task.TableIds };
        }

        Invariant.Check(transaction.WantsReadSet, "A shard that is asked for no read set says retry itself.");
        transaction.MustValidate = true;
    }

    /// <summary>One run: the state of each source, and the batches on their way.</summary>
    private sealed class Pump
    {
        private readonly PlanRunner _owner;
        private readonly StatementPlan _plan;
        private readonly OpenTransaction _transaction;
        private readonly IRowSink _sink;
        private readonly List<KeyValuePair<ShardId, FragmentReply>> _effects;
        private readonly CancellationToken _ended;
        private readonly Task<FragmentReply>?[] _coming;
        private readonly ulong[] _cursors;
        private readonly long[] _given;
        private readonly bool _drawsSnapshot;
        private readonly ByteWriter _output = new();
        private long _affected;
        private int _resumes;

        public Pump(
            PlanRunner owner,
            StatementPlan plan,
            OpenTransaction transaction,
            IRowSink sink,
            List<KeyValuePair<ShardId, FragmentReply>> effects,
            CancellationToken ended)
        {
            _owner = owner;
            _plan = plan;
            _transaction = transaction;
            _sink = sink;
            _effects = effects;
            _ended = ended;
            _coming = new Task<FragmentReply>?[plan.Tasks.Count];
            _cursors = new ulong[plan.Tasks.Count];
            _given = new long[plan.Tasks.Count];
            _drawsSnapshot = transaction.IsFresh && plan.Tasks.Count == 1;
        }

        public async Task<long> RunAsync(MemoryAccount account)
        {
            StatementRun run = _plan.CreateRun(account);
            try
            {
                for (int i = 0; i < _coming.Length; i++)
                {
                    _coming[i] = Start(_plan.Tasks[i], _drawsSnapshot);
                }

                await StepAsync(run);
                return _affected;
            }
            finally
            {
                Abandon();
            }
        }

        private async Task StepAsync(StatementRun run)
        {
            while (true)
            {
                StatementRunState state = run.Step(StepRows);
                await EmitAsync(run, _output, _sink);
                if (state == StatementRunState.Done)
                {
                    break;
                }

                if (state == StatementRunState.NeedSource)
                {
                    await SupplyAsync(run);
                }
            }

            // A write counts only when every shard has said what it would write.
            Invariant.Check(
                _plan.Kind != StatementKind.Write || Array.TrueForAll(_coming, static coming => coming is null),
                "A write runs to its end at every shard.");
        }

        private async Task SupplyAsync(StatementRun run)
        {
            int source = await NextSourceAsync(run.NeededSources);
            FragmentReply reply = await _coming[source]!;
            _coming[source] = null;
            _cursors[source] = 0;
            ShardTask task = _plan.Tasks[source];
            if (reply.Status == ReplyStatus.NoCursor && TryResume(source, task))
            {
                return;
            }

            Take(task, reply);
            _given[source] += reply.RowCount;
            if (reply.Cursor != 0)
            {
                _cursors[source] = reply.Cursor;
                _coming[source] = _owner.Client.ContinueAsync(task.Shard, reply.Cursor, _ended).AsTask();
            }

            run.Supply(source, reply.Rows, reply.RowCount, exhausted: reply.Cursor == 0);
        }

        /// <summary>The leader has changed, or the cursor was idle for too long: the rows that are missing are read at
        /// the same snapshot. Not for writes, whose effects would come twice, nor for partial aggregates.</summary>
        private bool TryResume(int source, ShardTask task)
        {
            if (_plan.Kind != StatementKind.Query
                || _resumes == GatewayLimits.MaxCursorResumes
                || task.After(_given[source]) is not { } missing)
            {
                return false;
            }

            _resumes++;
            _coming[source] = Start(missing, drawsSnapshot: false);
            return true;
        }

        private async Task<int> NextSourceAsync(IReadOnlyList<int> needed)
        {
            var waiting = new List<Task>(needed.Count);
            foreach (int source in needed)
            {
                Task coming = _coming[source]!;
                if (coming.IsCompleted)
                {
                    return source;
                }

                waiting.Add(coming);
            }

            Task first = waiting.Count == 1 ? waiting[0] : await Task.WhenAny(waiting);
            return needed[waiting.IndexOf(first)];
        }

        private Task<FragmentReply> Start(ShardTask task, bool drawsSnapshot) => _owner.Client.RunFragmentAsync(
            task.Shard,
            RequestOf(task, _transaction, drawsSnapshot),
            _ended).AsTask();

        private void Take(ShardTask task, FragmentReply reply)
        {
            Require(task, reply, _transaction, _sink, _owner.Stamps);
            if (reply.Cursor == 0 && task.CountsRows)
            {
                _affected += reply.RowsAffected;
            }

            Keep(task, reply);
        }

        private void Keep(ShardTask task, FragmentReply reply)
        {
            _transaction.Expect(task);
            if (_plan.Kind == StatementKind.Write)
            {
                // Taken when all shards are done, so that a statement that is started again leaves nothing behind.
                _effects.Add(new KeyValuePair<ShardId, FragmentReply>(task.Shard, reply));
            }
            else
            {
                _transaction.Take(task.Shard, reply);
            }
        }

        private void Abandon()
        {
            for (int i = 0; i < _coming.Length; i++)
            {
                if (_coming[i] is { } coming)
                {
                    _owner.Background.Follow(CloseAsync(_owner.Client, _plan.Tasks[i].Shard, coming, _cursors[i]));
                }
            }
        }
    }
}
