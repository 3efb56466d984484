using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Sessions;
using ShardSql.Planning;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Sql.Values;
using ShardSql.Storage.Client;
using ShardSql.Transactions;

namespace ShardSql.Gateway.Statements;

/// <summary>
/// Runs statements that read and write tables: alone, as a unit that commits by itself, or inside an open transaction.
/// What the shards refuse for reasons that the client has no part in is started again here, as long as nothing has been
/// handed out (commit.md §2, §4).
/// </summary>
internal sealed class StatementEngine(GatewayServices services)
{
    /// <summary>Whether the statement reads or writes rows.</summary>
    public static bool IsData(Sql.Tree.Statement statement) => statement.KindCase
        is Sql.Tree.Statement.KindOneofCase.Select
        or Sql.Tree.Statement.KindOneofCase.Insert
        or Sql.Tree.Statement.KindOneofCase.Update
        or Sql.Tree.Statement.KindOneofCase.Delete;

    /// <summary>Whether the statement changes the schema.</summary>
    public static bool IsSchema(Sql.Tree.Statement statement) => statement.KindCase
        is Sql.Tree.Statement.KindOneofCase.CreateTable
        or Sql.Tree.Statement.KindOneofCase.AlterTable
        or Sql.Tree.Statement.KindOneofCase.DropTable
        or Sql.Tree.Statement.KindOneofCase.CreateView
        or Sql.Tree.Statement.KindOneofCase.DropView
        or Sql.Tree.Statement.KindOneofCase.CreateIndex
        or Sql.Tree.Statement.KindOneofCase.DropIndex
        or Sql.Tree.Statement.KindOneofCase.CreateSequence
        or Sql.Tree.Statement.KindOneofCase.AlterSequence
        or Sql.Tree.Statement.KindOneofCase.DropSequence;

    /// <summary>Runs a unit and commits it; throws what the client is to be told.</summary>
    public async Task<CommitOutcome> RunUnitAsync(Unit unit)
    {
        unit.Sink.BeginUnit();
        long started = services.Watch.Start();
        int conflicts = 0;
        for (int restart = 0; ; restart++)
        {
            unit.Ended.ThrowIfCancellationRequested();
            try
            {
                CommitOutcome outcome = await AttemptAsync(unit);
                if (outcome.Verdict == CommitVerdict.Committed)
                {
                    services.Watch.Committed(unit, outcome, started);
                    await CommitErrors.DeliverAsync(unit.Sink.ReleaseAsync().AsTask(), outcome.Id);
                    return outcome;
                }

                if (!await MayRestartAsync(unit, outcome, conflicts++))
                {
                    throw CommitErrors.From(outcome, services.Catalog.Current.Catalog);
                }
            }
            catch (SnapshotRefusedException refused)
            {
                if (unit.Sink.HasSent
                    || restart >= GatewayLimits.MaxStatementRestarts
                    || refused.Status == ReplyStatus.DiskFull)
                {
                    throw ToError(refused, services.Catalog.Current.Catalog);
                }

                await RecoverAsync(refused, restart, unit.Ended);
            }

            services.Watch.Retried(unit);
            unit.Sink.Discard();
        }
    }

    /// <summary>Runs a statement of an explicit transaction.</summary>
    public async Task RunStatementAsync(
        StatementPlan plan, OpenTransaction transaction, IRowSink sink, IMemoryBudget memory, CancellationToken ended)
    {
        long started = services.Watch.Start();
        if (plan.Kind == StatementKind.Write)
        {
            // What RETURNING gives is told once foreign keys are found to hold.
            sink.Hold();
        }

        await RunInsideAsync(plan, transaction, sink, memory, ended);
        await sink.ReleaseAsync();
        services.Watch.Ran(plan, transaction, started);
    }

    /// <summary>Runs a statement inside an open transaction.</summary>
    public async Task RunInsideAsync(
        StatementPlan plan, OpenTransaction transaction, IRowSink sink, IMemoryBudget memory, CancellationToken ended)
    {
        RequireWritable(plan, transaction.ReadOnly);
        if (plan.Kind == StatementKind.Ddl)
        {
            await services.Schema.ApplyAsync(plan, transaction, ended);
            sink.Begin(plan.Columns);
            await sink.EndAsync(-1, plan.Tag, plan.Notice);
            return;
        }

        using MemoryAccount account = MemoryAccount.ForStatement(memory);
        sink.Begin(plan.Columns);
        long affected = await services.Runner.RunAsync(plan, transaction, sink, account, ended);
        RequireWindow(transaction);
        await sink.EndAsync(affected, plan.Tag, plan.Notice);
    }

    /// <summary>Runs a batch inside an open transaction.</summary>
    public async Task RunInsideAsync(
        ShardBatch batch,
        OpenTransaction transaction,
        IRowSink sink,
        IMemoryBudget memory,
        bool holds,
        CancellationToken ended)
    {
        using var output = new BatchOutput(batch, sink, memory, holds);
        await services.Batches.RunAsync(batch, transaction, output, sink, ended);
        RequireWindow(transaction);
    }

    /// <summary>Makes ready to start again after a refusal: a newer catalog, or a moment's pause.</summary>
    public async Task RecoverAsync(SnapshotRefusedException refused, int restart, CancellationToken ended)
    {
        if (refused.Status is not (ReplyStatus.TooFarAhead or ReplyStatus.Overloaded))
        {
            services.Stamps.CatchUp(restart);
        }

        if (refused.IsPlanStale)
        {
            await services.Catalog.RefreshAsync(ended);
        }

        await Backoff.BeforeAttemptAsync(restart, services.Time, ended);
    }

    /// <summary>The error of a refusal after which nothing can be started again.</summary>
    public static Exception ToError(SnapshotRefusedException refused, Catalog catalog) => refused.Status switch
    {
        ReplyStatus.Retry => CommitErrors.ReadAgain(refused.Shard, refused.Tables, catalog),
        ReplyStatus.SnapshotTooOld => new SqlException(
            SqlStates.SnapshotTooOld, $"snapshot too old: shard {refused.Shard} keeps only newer versions")
        {
            Hint = "Begin again, with a younger AS OF if there is one; how far back it reads is the nodes' option --history.",
        },
        ReplyStatus.StaleSchema or ReplyStatus.StaleEpoch => new SqlException(
            SqlStates.SerializationFailure,
            $"serialization failure, retry transaction: the layout of the tables changed at shard {refused.Shard}"),
        ReplyStatus.Overloaded => new SqlException(
            SqlStates.ConfigurationLimit, $"shard {refused.Shard} has too much to do, try again later"),
        ReplyStatus.DiskFull => new SqlException(
            SqlStates.DiskFull, $"shard {refused.Shard} takes no writes: the disk of its leader is nearly full"),
        ReplyStatus.TooFarAhead => new SqlException(
            SqlStates.CannotConnectNow,
            $"shard {refused.Shard} refuses the snapshot: clocks differ by more than {HlcClock.MaxSkewMs} ms"),
        _ => new SqlException(
            SqlStates.CannotConnectNow, $"shard {refused.Shard} changed its leader while rows were read"),
    };

    /// <summary>25006 for a write in a transaction that may only read.</summary>
    public static void RequireWritable(StatementPlan plan, bool readOnly)
    {
        if (readOnly && plan.Kind is StatementKind.Write or StatementKind.Ddl)
        {
            throw new SqlException(
                SqlStates.ReadOnlyTransaction, $"cannot execute {plan.Tag} in a read-only transaction");
        }
    }

    private void RequireWindow(OpenTransaction transaction)
    {
        if (transaction.NeedsValidation && transaction.PiHint <= transaction.EtaHint)
        {
            services.Graph.Refused(transaction);
            throw services.Conflicts.Add(
                CommitErrors.Early(transaction, services.Catalog.Current.Catalog), transaction.Name.LastAttempt);
        }
    }

    private async Task<bool> MayRestartAsync(Unit unit, CommitOutcome outcome, int conflicts)
    {
        if (outcome.Verdict != CommitVerdict.Refused
            || outcome.Reason is RefusalReason.OtherContent or RefusalReason.DiskFull
            || unit.Sink.HasSent
            || conflicts >= GatewayLimits.MaxCommitRetries)
        {
            return false;
        }

        if (unit.ChangesSchema || outcome.Reason is RefusalReason.StaleSchema or RefusalReason.StaleEpoch)
        {
            await services.Catalog.RefreshAsync(unit.Ended);
        }

        await Backoff.BeforeAttemptAsync(conflicts + 1, services.Time, unit.Ended);
        return true;
    }

    private async Task<CommitOutcome> AttemptAsync(Unit unit)
    {
        unit.IsCommitting = false;
        List<StatementPlan> plans = unit.Before is null && !unit.ChangesSchema
            ? await services.Planner.PlanAheadAsync(unit.Statements, unit.Parameters, HintsOf(unit, null), unit.Ended)
            : [];
        ShardBatch? batch = plans.Count == unit.Statements.Count ? ShardBatch.TryCombine(plans) : null;
        try
        {
            if (batch is { HasWrites: true, IsByKey: true } && !unit.ReadOnly
                && await RunAtLeaderAsync(unit, batch) is { } done)
            {
                unit.Run = new UnitRun(1, IsByKey: true, IsRelational: false, HasWrites: true);
                services.Conflicts.Add(done);
                services.Graph.Ended(done, batch.Task);
                return done;
            }
        }
        catch (SqlException failure) when (plans is [var only] && only.GoesOn(failure))
        {
            plans = [plans[0].Otherwise!()];
            batch = ShardBatch.TryCombine(plans);
        }

        unit.IsCommitting = false;
        using var transaction = new OpenTransaction(unit.Name, services.Snapshots.Open(services.Stamps))
        {
            ReadOnly = unit.ReadOnly,
            Numbers = unit.Numbers,
            WantsReadSet = batch is null or { HasWrites: true },
        };
        if (unit.Before is not null && !await unit.Before(transaction))
        {
            return new CommitOutcome(CommitVerdict.Committed, unit.Name.LastAttempt, transaction.Begin, []);
        }

        if (batch is { Plans.Count: > 1, IsTrial: false } && !(batch.HasWrites && unit.ReadOnly))
        {
            await RunInsideAsync(batch, transaction, unit.Sink, unit.Memory, holds: true, unit.Ended);
        }
        else
        {
            await RunEachAsync(unit, plans, transaction);
        }

        if (unit.After is not null)
        {
            await unit.After(transaction);
        }

        bool isRelational = plans.Count > 0 && plans[0].Relation is not null;
        unit.Run = new UnitRun(
            transaction.Participants.Count,
            plans.Count > 0 && plans[0].IsByKey,
            isRelational,
            transaction.HasWrites);
        unit.IsCommitting = true;
        unit.Ended.ThrowIfCancellationRequested();
        CommitOutcome outcome = await services.Committer.CommitAsync(transaction, unit.TimeLeft());
        if (outcome.Verdict == CommitVerdict.Committed)
        {
            services.Schema.Publish(transaction);
        }

        services.Graph.Ended(outcome, transaction, plans);
        return outcome;
    }

    private async Task RunEachAsync(Unit unit, List<StatementPlan> plans, OpenTransaction transaction)
    {
        for (int i = 0; i < unit.Statements.Count; i++)
        {
            StatementPlan plan = i < plans.Count
                ? plans[i]
                : await services.Planner.PlanAsync(unit.Statements[i], unit.Parameters, HintsOf(unit, transaction), unit.Ended);
            if (plan.Kind is StatementKind.Write or StatementKind.Ddl)
            {
                unit.Sink.Hold();
            }

            await RunInsideAsync(plan, transaction, unit.Sink, unit.Memory, unit.Ended);
        }
    }

    private static PlanHints HintsOf(Unit unit, OpenTransaction? transaction) =>
        PlanHints.Of(transaction) with
        {
            Numbers = unit.Numbers, ReadOnly = unit.ReadOnly, TransactionType = unit.TransactionType,
        };

    private async Task<CommitOutcome?> RunAtLeaderAsync(Unit unit, ShardBatch batch)
    {
        using var output = new BatchOutput(batch, unit.Sink, unit.Memory, holds: true);
        using var deadline = new CancellationTokenSource(unit.TimeLeft(), services.Time);
        return await services.Batches.RunAtLeaderAsync(batch, unit, output, deadline.Token);
    }
}
