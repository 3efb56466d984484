using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Observing;
using ShardSql.Gateway.Sequences;
using ShardSql.Planning;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Statements;

/// <summary>Plans statements with the catalog that the gateway knows, one by one or several for one shard.</summary>
internal sealed class StatementPlanner(GatewayServices services)
{
    private readonly PlanCache _plans = new(GatewayLimits.MaxCachedPlans, services.Statements);

    /// <summary>How often a statement was found bound.</summary>
    public long Hits => _plans.Hits;

    /// <summary>How often a statement was bound.</summary>
    public long Bindings => _plans.Bindings;

    /// <summary>Bound statements that are kept.</summary>
    public int Kept => _plans.Count;

    /// <summary>The counters of a statement that has come before.</summary>
    public StatementUse? UseOf(Sql.Tree.Statement statement) => _plans.UseOf(statement);

    /// <summary>Plans a statement. What is wrong with it may be wrong with our catalog: an error is the client's only
    /// when the catalog is the newest.</summary>
    public async Task<StatementPlan> PlanAsync(
        Sql.Tree.Statement statement,
        IReadOnlyList<KeyValuePair<string, SqlValue>> parameters,
        PlanHints hints,
        CancellationToken ended)
    {
        if (hints.Changed?.Schema is { } own)
        {
            return await PlanAsync(own.State, statement, parameters, hints, ended);
        }

        for (int tries = 0; ; tries++)
        {
            SystemState known = services.Catalog.Current;
            try
            {
                return await PlanAsync(StateFor(statement, known, hints), statement, parameters, hints, ended);
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

    /// <summary>The statements as one message to one shard, for an open transaction; null: they are run one by
    /// one.</summary>
    public async Task<ShardBatch?> TryBatchAsync(
        IReadOnlyList<Sql.Tree.Statement> statements,
        IReadOnlyList<KeyValuePair<string, SqlValue>> parameters,
        PlanHints hints,
        bool readOnly,
        CancellationToken ended)
    {
        List<StatementPlan> plans = await PlanAheadAsync(statements, parameters, hints, ended);
        ShardBatch? batch = plans.Count == statements.Count ? ShardBatch.TryCombine(plans) : null;
        return batch is { IsTrial: true } || (batch is { HasWrites: true } && readOnly) ? null : batch;
    }

    /// <summary>Plans of the statements in order, up to the first that is wrong: that one is found out in its turn.
    /// </summary>
    public async Task<List<StatementPlan>> PlanAheadAsync(
        IReadOnlyList<Sql.Tree.Statement> statements,
        IReadOnlyList<KeyValuePair<string, SqlValue>> parameters,
        PlanHints hints,
        CancellationToken ended)
    {
        if (statements.Count == 1)
        {
            return [await PlanAsync(statements[0], parameters, hints, ended)];
        }

        List<StatementPlan> plans = await PlanEachAsync(statements, parameters, hints, ended);
        PlanHints known = WithAll(plans, hints);
        return ReferenceEquals(known, hints) ? plans : await PlanEachAsync(statements, parameters, known, ended);
    }

    /// <summary>The hints with what is known once all statements are planned, where that makes a better plan of one.</summary>
    private static PlanHints WithAll(List<StatementPlan> plans, PlanHints hints)
    {
        if (hints.PreferredShard is null && ShardBatch.HomeOf(plans) is { } home && ReadsElsewhere(plans, home))
        {
            // A reference table is read anywhere: best where the others are.
            hints = hints with { PreferredShard = home };
        }

        if (!plans.Exists(static plan => plan.Otherwise is not null))
        {
            return hints;
        }

        // A delta lies where any other statement writes, be it one after it.
        ShardId[] written =
            [.. from plan in plans where plan.Otherwise is null && plan.WrittenShard is not null select plan.WrittenShard!.Value];
        return written.Length > 0 && plans.Exists(plan => plan.Otherwise is not null && !written.Contains(plan.Tasks[0].Shard))
            ? hints with { WrittenShards = [.. hints.WrittenShards, .. written] }
            : hints;
    }

    private async Task<List<StatementPlan>> PlanEachAsync(
        IReadOnlyList<Sql.Tree.Statement> statements,
        IReadOnlyList<KeyValuePair<string, SqlValue>> parameters,
        PlanHints hints,
        CancellationToken ended)
    {
        var plans = new List<StatementPlan>(statements.Count);
        try
        {
            foreach (Sql.Tree.Statement statement in statements)
            {
                plans.Add(await PlanAsync(statement, parameters, hints, ended));
                if (plans[^1].WrittenShard is { } shard && !hints.WrittenShards.Contains(shard))
                {
                    hints = hints with { WrittenShards = [.. hints.WrittenShards, shard] };
                }

                if (plans[^1].Numbers is not null)
                {
                    // It takes numbers when it runs, which those after it may ask for.
                    return plans;
                }
            }
        }
        catch (SqlException) when (plans.Count > 0)
        {
            // Those before it run first and may fail first.
            return plans;
        }

        return plans;
    }

    private static bool ReadsElsewhere(List<StatementPlan> plans, ShardId home)
    {
        foreach (StatementPlan plan in plans)
        {
            if (plan.Tasks is [{ Segments.Count: 0 } task] && task.Shard != home)
            {
                return true;
            }
        }

        return false;
    }

    private SystemState StateFor(Sql.Tree.Statement statement, SystemState known, PlanHints hints)
    {
        Sql.Tree.Statement planned = statement.Explain?.Statement ?? statement;
        return hints.Snapshot is { } snapshot && planned.KindCase == Sql.Tree.Statement.KindOneofCase.Select
            ? services.Catalog.AsOf(known, snapshot)
            : known;
    }

    /// <summary>With numbers of sequences where there are any; a plan that goes on with the rows it finds keeps them.</summary>
    private async ValueTask<StatementPlan> PlanAsync(
        SystemState state,
        Sql.Tree.Statement statement,
        IReadOnlyList<KeyValuePair<string, SqlValue>> parameters,
        PlanHints hints,
        CancellationToken ended)
    {
        if (hints.Numbers is null || state.Catalog.Sequences.Count == 0)
        {
            return Plan(state, statement, parameters, hints, null);
        }

        var numbers = new StatementNumbers(
            hints.Changed is { } changed
                ? new OwnSequences(services.Sequences, services.SequenceRows, changed)
                : services.Sequences,
            hints.Numbers,
            hints.ReadOnly,
            hints.Pretends || statement.Explain is { Analyze: false });
        StatementPlan plan = await numbers.PlanAsync(() => Plan(state, statement, parameters, hints, numbers), ended);
        if (plan.Explained is { Then: not null } explained)
        {
            return plan with { Explained = explained with { Numbers = numbers } };
        }

        return plan.Then is null ? plan : plan with { Numbers = numbers };
    }

    private StatementPlan Plan(
        SystemState state,
        Sql.Tree.Statement statement,
        IReadOnlyList<KeyValuePair<string, SqlValue>> parameters,
        PlanHints hints,
        ISequenceNumbers? numbers)
    {
        var context = new PlanningContext
        {
            State = state,
            Parameters = parameters,
            NowMicroseconds = services.Stamps.NowMs * 1_000,
            NextId = services.Options.NewId,
            NextDelta = services.NextDelta,
            Numbers = numbers,
            PreferredShard = hints.PreferredShard,
            WrittenShards = hints.WrittenShards,
            TransactionType = hints.TransactionType,
            HotRows = services.HotRows,
            LeaderOf = hints.LeaderOf,
        };

        // Versions of a catalog that only one transaction sees are others' too, of other catalogs.
        bool isShared = hints.Changed is null && ReferenceEquals(state.Catalog, services.Catalog.Current.Catalog);
        return isShared ? _plans.Plan(statement, context) : Planner.Plan(statement, context);
    }
}
