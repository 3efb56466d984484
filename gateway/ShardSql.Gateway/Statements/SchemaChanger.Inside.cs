using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Jobs;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Ddl;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Writes;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Values;
using ShardSql.Storage.Client;
using ShardSql.Transactions;

namespace ShardSql.Gateway.Statements;

/// <content>Changes that belong to an open transaction: it sees them at once, everybody else when it has committed.
/// </content>
internal sealed partial class SchemaChanger
{
    /// <summary>Makes a change in an open transaction, for that to commit; all of it or nothing.</summary>
    public async Task ApplyAsync(StatementPlan plan, OpenTransaction transaction, CancellationToken ended)
    {
        if (plan.Ddl is not { } change)
        {
            return;
        }

        TransactionMark before = transaction.Mark();
        try
        {
            await ApplyAsync(change, transaction, ended);
            if (plan.Builds is { } target)
            {
                await BuildAsync(target, transaction, ended);
            }
        }
        catch
        {
            transaction.TakeBack(before);
            throw;
        }
    }

    /// <summary>A transaction has committed: what it made of the schema is everybody's.</summary>
    public void Publish(OpenTransaction transaction)
    {
        if (transaction.Schema is { } own)
        {
            transaction.Schema = null;
            Publish(own.Net);
        }
    }

    private async Task ApplyAsync(DdlChange change, OpenTransaction transaction, CancellationToken ended)
    {
        CatalogHeader? header = await HeaderAsync(transaction, ended);
        if (header != change.ExpectedHeader)
        {
            // A newer snapshot, or a newer catalog, may agree with the other; where the snapshot must stay, the catalog
            // has changed behind it.
            throw transaction.HasAnswered && header?.IsBefore(change.ExpectedHeader) == true
                ? CommitErrors.CatalogChanged()
                : new SnapshotRefusedException(ShardId.System, ReplyStatus.StaleSchema);
        }

        await WriteAsync(change, transaction, ended);
        foreach (ShardId shard in change.Shards)
        {
            // The client is told who takes part before it says COMMIT.
            transaction.At(shard);
        }

        transaction.Schema = OwnSchema.After(transaction.Schema, change);
    }

    /// <summary>Gives the rows of a table their entries in an index that is whole when the transaction commits: what was
    /// read for it is validated, so that no row from then on is without one.</summary>
    private async Task BuildAsync(IndexTarget target, OpenTransaction transaction, CancellationToken ended)
    {
        DdlChange last = IndexChanges.Advance(
            transaction.Schema!.State, target.TableId, target.Number, IndexState.Public)!;
        TableDescriptor table = last.After.Catalog.Find(target.TableId)!;
        IndexDescriptor index = table.FindIndex(target.Name)!;
        var backfill = new IndexBackfill(transaction.Schema.State, table, index);
        foreach (ShardId shard in backfill.Shards())
        {
            await BuildAsync(backfill, shard, transaction, ended);
        }

        await ApplyAsync(last, transaction, ended);
    }

    private async Task BuildAsync(
        IndexBackfill backfill, ShardId shard, OpenTransaction transaction, CancellationToken ended)
    {
        byte[]? position = null;
        do
        {
            ended.ThrowIfCancellationRequested();
            using MemoryAccount account = MemoryAccount.ForStatement(services.Memory);
            ShardTask task = backfill.Read(shard, position, GatewayLimits.BackfillBatchRows);
            using var gathering = new RowGathering(services.Runner, [task], transaction, NoSink.Instance, ended);
            List<SqlValue[]> rows = await gathering.RunAsync(account);
            foreach (SqlValue[] row in rows)
            {
                Write(backfill, row, shard, transaction);
            }

            position = rows.Count < GatewayLimits.BackfillBatchRows ? null : backfill.RowKeyOf(rows[^1]);
        }
        while (position is not null);
    }

    private static void Write(IndexBackfill backfill, SqlValue[] row, ShardId shard, OpenTransaction transaction)
    {
        BackfillEntry entry = backfill.EntryOf(row, shard);
        ShardWork work = transaction.At(entry.Shard);
        if (work.Find(entry.Key) is not null)
        {
            throw backfill.Duplicate(row);
        }

        try
        {
            work.Write(new KeyWrite(entry.Key, entry.Value));
        }
        catch (SqlException full) when (full.SqlState == SqlStates.ProgramLimitExceeded)
        {
            throw new SqlException(full.SqlState, full.Message)
            {
                Hint = "Build the index outside of a transaction: there it is a job, in transactions of its own.",
            };
        }
    }
}
