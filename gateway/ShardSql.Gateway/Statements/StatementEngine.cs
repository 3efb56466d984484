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
    /// <summary>Plans a statement. What is wrong with it may be wrong with our catalog: an error is the client's only
    /// when the catalog is the newest.</summary>
    public async Task<StatementPlan> PlanAsync(
        Sql.Tree.Statement statement,
        IReadOnlyList<KeyValuePair<string, SqlValue>> parameters,
        PlanHints hints,
        CancellationToken ended)
    {
        for (int tries = 0; ; tries++)
        {
            SystemState known = services.Catalog.Current;
            try
            {
                return Plan(known, statement, parameters, hints);
            }
            catch (SqlException) when (tries < GatewayLimits.MaxStatementRestarts)
            {
                if (!await services.Catalog.CatchUpAsync(known, ended))
                {
                    throw;
                }
            }
        }
    }

    /// <summary>Whether the statement reads or writes rows.</summary>
    public static bool IsData(Sql.Tree.Statement statement) => statement.KindCase
        is Sql.Tree.Statement.KindOneofCase.Select
        or Sql.Tree.Statement.KindOneofCase.Insert
        or Sql.Tree.Statement.KindOneofCase.Update
        or Sql.Tree.Statement.KindOneofCase.Delete;

    /// <summary>Whether the statement reads what the gateway itself makes up: a table of the schema "shard".</summary>
    public static bool IsView(Sql.Tree.Statement statement) => statement.Select?.From?.Table is { Schema: "shard" };

    /// <summary>Runs a unit and commits it; throws what the client is to be told.</summary>
    public async Task<CommitOutcome> RunUnitAsync(Unit unit)
    {
        unit.Sink.BeginUnit();
        int conflicts = 0;
        for (int restart = 0; ; restart++)
        {
            unit.Ended.ThrowIfCancellationRequested();
            try
            {
                CommitOutcome outcome = await AttemptAsync(unit);
                if (outcome.Verdict == CommitVerdict.Committed)
                {
                    await DeliverAsync(unit.Sink.ReleaseAsync().AsTask(), outcome.Id);
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
                    throw ToError(refused);
                }

                await RecoverAsync(refused, restart, unit.Ended);
            }

            unit.Sink.Discard();
        }
    }

    /// <summary>Runs a statement inside an open transaction.</summary>
    public async Task RunInsideAsync(
        StatementPlan plan, OpenTransaction transaction, IRowSink sink, IMemoryBudget memory, CancellationToken ended)
    {
        RequireWritable(plan, transaction.ReadOnly);
        using MemoryAccount account = MemoryAccount.ForStatement(memory);
        sink.Begin(plan.Columns);
        long affected = await services.Runner.RunAsync(plan, transaction, sink, account, ended);
        if (transaction.NeedsValidation && transaction.PiHint <= transaction.EtaHint)
        {
            throw CommitErrors.Early(transaction.PiHint, transaction.EtaHint);
        }

        await sink.EndAsync(affected, plan.Tag, plan.Notice);
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
    public static Exception ToError(SnapshotRefusedException refused) => refused.Status switch
    {
        ReplyStatus.Retry => CommitErrors.ReadAgain(refused.Shard),
        ReplyStatus.SnapshotTooOld => new SqlException(
            SqlStates.SnapshotTooOld, $"snapshot too old: shard {refused.Shard} keeps only newer versions"),
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

    private async Task<bool> MayRestartAsync(Unit unit, CommitOutcome outcome, int conflicts)
    {
        if (outcome.Verdict != CommitVerdict.Refused
            || outcome.Reason is RefusalReason.OtherContent or RefusalReason.DiskFull
            || unit.Sink.HasSent
            || conflicts >= GatewayLimits.MaxCommitRetries)
        {
            return false;
        }

        if (outcome.Reason is RefusalReason.StaleSchema or RefusalReason.StaleEpoch)
        {
            await services.Catalog.RefreshAsync(unit.Ended);
        }

        await Backoff.BeforeAttemptAsync(conflicts + 1, services.Time, unit.Ended);
        return true;
    }

    private StatementPlan Plan(
        SystemState state,
        Sql.Tree.Statement statement,
        IReadOnlyList<KeyValuePair<string, SqlValue>> parameters,
        PlanHints hints) => Planner.Plan(statement, new PlanningContext
        {
            State = state,
            Parameters = parameters,
            NowMicroseconds = services.Stamps.NowMs * 1_000,
            NextId = static () => Guid.NewGuid().ToByteArray(bigEndian: true),
            PreferredShard = hints.PreferredShard,
            LeaderOf = hints.LeaderOf,
        });

    private async Task<CommitOutcome> AttemptAsync(Unit unit)
    {
        var plans = new Queue<StatementPlan>();
        if (unit.Statements.Count == 1)
        {
            StatementPlan only = await PlanAsync(unit.Statements[0], unit.Parameters, PlanHints.None, unit.Ended);
            if (only is { Kind: StatementKind.Write, Tasks.Count: 1 } && unit.Before is null)
            {
                return await RunAtLeaderAsync(unit, only);
            }

            plans.Enqueue(only);
        }

        using var transaction = new OpenTransaction(unit.Name, services.Snapshots.Open(services.Stamps))
        {
            WantsReadSet = unit.Before is not null
                || unit.Statements.Count != 1
                || plans.Peek().Kind == StatementKind.Write
                || plans.Peek().Tasks.Count > 1,
        };
        if (unit.Before is not null && !await unit.Before(transaction))
        {
            return new CommitOutcome(CommitVerdict.Committed, unit.Name.LastAttempt, transaction.Begin, []);
        }

        foreach (Sql.Tree.Statement statement in unit.Statements)
        {
            StatementPlan plan = plans.Count > 0
                ? plans.Dequeue()
                : await PlanAsync(statement, unit.Parameters, PlanHints.Of(transaction), unit.Ended);
            if (plan.Kind == StatementKind.Write)
            {
                unit.Sink.Hold();
            }

            await RunInsideAsync(plan, transaction, unit.Sink, unit.Memory, unit.Ended);
        }

        if (unit.After is not null)
        {
            await unit.After(transaction);
        }

        unit.Ended.ThrowIfCancellationRequested();
        return await services.Committer.CommitAsync(transaction, unit.TimeLeft());
    }

    /// <summary>The whole transaction is one fragment: its leader evaluates it on top of what it has
    /// proposed.</summary>
    private async Task<CommitOutcome> RunAtLeaderAsync(Unit unit, StatementPlan plan)
    {
        ShardTask task = plan.Tasks[0];
        var request = new OneRequest
        {
            Id = unit.Name.NextAttempt(),
            Fragment = task.Fragment.ToArray(),
            Parameters = task.Parameters.ToArray(),
            Guards = PlanGuards.Of(task),
            After = services.Stamps.Highest,
        };
        using var deadline = new CancellationTokenSource(unit.TimeLeft(), services.Time);
        OneReply? sent = (await services.Committer.SendOneAsync(task.Shard, request, deadline.Token)).Reply;
        if (sent is not { } reply)
        {
            return await ResolveAsync(task.Shard, request.Id, deadline.Token);
        }

        switch (reply.Status)
        {
            case ReplyStatus.Ok when reply.Vote is { Ok: true }:
                await DeliverAsync(PassAsync(unit, plan, reply), request.Id);
                return new CommitOutcome(CommitVerdict.Committed, request.Id, reply.Stamp, [task.Shard]);
            case ReplyStatus.Ok:
                return new CommitOutcome(CommitVerdict.Refused, request.Id, reply.Stamp, [task.Shard])
                {
                    No = reply.Vote,
                };
            case ReplyStatus.Failed:
                throw ErrorFrames.ToException(reply.Failure);
            default:
                throw new SnapshotRefusedException(task.Shard, reply.Status);
        }
    }

    private static async Task PassAsync(Unit unit, StatementPlan plan, OneReply reply)
    {
        using MemoryAccount account = MemoryAccount.ForStatement(unit.Memory);
        unit.Sink.Begin(plan.Columns);
        await PlanRunner.PassAsync(plan, [(reply.Rows, reply.RowCount)], unit.Sink, account);
        await unit.Sink.EndAsync(reply.RowsAffected, plan.Tag, plan.Notice);
    }

    /// <summary>Hands out the results of what is committed: an end of the request now must not read as a rollback.
    /// </summary>
    private static async Task DeliverAsync(Task delivering, TxnId id)
    {
        try
        {
            await delivering;
        }
        catch (OperationCanceledException)
        {
            throw new GatewayException(
                SqlStates.StatementCompletionUnknown,
                $"the transaction committed, but handing out its results was ended, id={id}",
                CommandOutcome.Unknown);
        }
    }

    /// <summary>The reply of a fragment is lost. If it committed, its rows and counts are lost with the reply, and the
    /// client must not be told a wrong number: it learns that the outcome is to be asked for.</summary>
    private async Task<CommitOutcome> ResolveAsync(ShardId shard, TxnId id, CancellationToken deadline)
    {
        CommitOutcome outcome = await services.Resolver.ResolveOneAsync(shard, id, deadline);
        return outcome.Verdict == CommitVerdict.Committed
            ? outcome with { Verdict = CommitVerdict.Unknown, Detail = $"it committed, but its result was lost at {shard}" }
            : outcome;
    }
}
