using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Gateway.Catalogs;
using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Observing;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;
using ShardSql.Storage.Client;
using ShardSql.Transactions;

namespace ShardSql.Gateway.Statements;

/// <summary>
/// A change of the schema as one transaction over the system shard and every shard that holds the table: it reads the
/// catalog's header, writes the new rows, and sets the guards that statements planned with another schema run into
/// (architecture.md §2).
/// </summary>
internal sealed partial class SchemaChanger(GatewayServices services)
{
    /// <summary>Makes the change of a statement, planning it again whenever another gateway changed the catalog
    /// meanwhile.</summary>
    /// <param name="statement">CREATE, ALTER or DROP.</param>
    /// <param name="name">The transaction's name.</param>
    /// <param name="timeLeft">How long the commit may be waited for.</param>
    /// <param name="inside">What else is written in the transaction.</param>
    /// <param name="ended">Ends the work, but no commit that has been sent.</param>
    public async Task<(StatementPlan Plan, CommitOutcome? Outcome)> RunAsync(
        Statement statement,
        TransactionName name,
        Func<TimeSpan> timeLeft,
        Action<OpenTransaction, StatementPlan>? inside,
        CancellationToken ended)
    {
        StatementPlan? plan = null;
        CommitOutcome? outcome = await MakeAsync(
            async () => (plan = await services.Planner.PlanAsync(statement, [], PlanHints.None, ended)).Ddl,
            transaction =>
            {
                inside?.Invoke(transaction, plan!);
                return Task.FromResult(true);
            },
            name,
            timeLeft,
            ended);
        return (plan!, outcome);
    }

    /// <summary>Makes a change of the gateway's own; false: there is nothing to change, or <paramref name="inside"/>, which
    /// runs in the transaction, says that it must not be made.</summary>
    public async Task<bool> ChangeAsync(
        Func<SystemState, DdlChange?> plan, Func<OpenTransaction, Task<bool>> inside, CancellationToken ended)
    {
        await services.Catalog.CatchUpAsync(services.Catalog.Current, ended);
        bool isRefused = false;
        CommitOutcome? outcome = await MakeAsync(
            () => Task.FromResult(isRefused ? null : plan(services.Catalog.Current)),
            async transaction =>
            {
                isRefused = !await inside(transaction);
                return !isRefused;
            },
            services.Store.NewName(),
            static () => GatewayLimits.SubmissionTime,
            ended);
        return outcome is not null;
    }

    private async Task<CommitOutcome?> MakeAsync(
        Func<Task<DdlChange?>> plan,
        Func<OpenTransaction, Task<bool>> inside,
        TransactionName name,
        Func<TimeSpan> timeLeft,
        CancellationToken ended)
    {
        for (int attempt = 0; ; attempt++)
        {
            ended.ThrowIfCancellationRequested();
            if (await plan() is not { } change)
            {
                return null;
            }

            try
            {
                CommitOutcome? outcome = await TryAsync(change, inside, name, timeLeft, ended);
                if (outcome?.Verdict == CommitVerdict.Committed)
                {
                    Publish(change);
                    return outcome;
                }

                if (outcome is not null
                    && (outcome.Verdict != CommitVerdict.Refused || attempt >= GatewayLimits.MaxStatementRestarts))
                {
                    throw CommitErrors.From(outcome, services.Catalog.Current.Catalog);
                }
            }
            catch (SnapshotRefusedException refused) when (attempt < GatewayLimits.MaxStatementRestarts)
            {
                await services.Engine.RecoverAsync(refused, attempt, ended);
            }

            await services.Catalog.RefreshAsync(ended);
            await Backoff.BeforeAttemptAsync(attempt + 1, services.Time, ended);
        }
    }

    /// <summary>One attempt; null when the catalog is another than the change was planned with.</summary>
    private async Task<CommitOutcome?> TryAsync(
        DdlChange change,
        Func<OpenTransaction, Task<bool>> inside,
        TransactionName name,
        Func<TimeSpan> timeLeft,
        CancellationToken ended)
    {
        using var transaction = new OpenTransaction(name, services.Snapshots.Open(services.Stamps));
        if (await HeaderAsync(transaction, ended) != change.ExpectedHeader || !await inside(transaction))
        {
            return null;
        }

        await WriteAsync(change, transaction, ended);
        foreach (ShardId shard in change.Shards)
        {
            ShardWork work = transaction.At(shard);
            foreach (Guard guard in PlanGuards.Of(change, shard))
            {
                work.SetGuard(guard);
            }
        }

        ended.ThrowIfCancellationRequested();
        return await services.Committer.CommitAsync(transaction, timeLeft());
    }

    private async Task<CatalogHeader?> HeaderAsync(OpenTransaction transaction, CancellationToken ended) =>
        await services.Store.GetAsync(transaction, SystemKeys.Header, ended) is { } row ? CatalogHeader.Decode(row) : null;

    private async Task WriteAsync(DdlChange change, OpenTransaction transaction, CancellationToken ended)
    {
        foreach (DdlCheck check in change.Checks)
        {
            await RequireNoneAsync(check, transaction, ended);
        }

        ShardWork system = transaction.At(ShardId.System);
        foreach ((byte[] key, byte[]? content) in change.SystemWrites)
        {
            system.Write(SystemRows.Write(key, content));
        }
    }

    /// <summary>What is read here is validated with the change: no row that stands against it can slip in meanwhile.
    /// </summary>
    private async Task RequireNoneAsync(DdlCheck check, OpenTransaction transaction, CancellationToken ended)
    {
        var found = new CountingSink();
        using MemoryAccount account = MemoryAccount.ForStatement(services.Memory);
        await services.Runner.RunAsync(check.Violations, transaction, found, account, ended);
        if (found.First is { } violation)
        {
            throw check.Error(violation);
        }
    }

    private void Publish(DdlChange change)
    {
        services.Catalog.Publish(change.After);
        CleanUp(change);
    }

    private void CleanUp(DdlChange change)
    {
        foreach (TableDescriptor table in change.Dropped)
        {
            foreach (ShardId shard in change.Shards)
            {
                services.Background.Follow(CleanUpAsync(table.Id, DroppedKeys.Of(table), shard));
            }
        }

        foreach ((TableDescriptor table, IndexDescriptor index) in change.DroppedIndexes)
        {
            foreach (ShardId shard in change.Shards)
            {
                services.Background.Follow(CleanUpAsync(table.Id, [DroppedKeys.Of(table, index)], shard));
            }
        }
    }

    private async Task CleanUpAsync(uint table, IEnumerable<DroppedKeys> dropped, ShardId shard)
    {
        using var limit = new CancellationTokenSource(GatewayLimits.MaxStatementTime, services.Time);
        try
        {
            foreach (DroppedKeys keys in dropped)
            {
                await new DroppedRows(services, keys, shard).DeleteAsync(limit.Token);
            }
        }
        catch (Exception failure) when (failure is ShardUnavailableException or OperationCanceledException
            or GatewayException or SnapshotRefusedException or Sql.SqlException)
        {
            // Nobody can see these rows, and the table's id is never used again: they cost space, nothing else.
            Log.DropCleanupFailed(services.Logger, table, failure.Message);
        }
    }
}
