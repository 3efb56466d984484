using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Gateway.Commit;
using ShardSql.Planning.Plans;
using ShardSql.Sql;
using ShardSql.Sql.Values;
using ShardSql.Storage.Client;

namespace ShardSql.Gateway.Statements;

/// <content>What follows a write in its own statement, checks and actions of foreign keys and quotas; and what is run in the place
/// of a delta.</content>
internal sealed partial class PlanRunner
{
    /// <summary>Runs a plan, or what is to be done otherwise where a slot takes no deltas, or not this one; gives the number of
    /// rows affected, −1 for a query.</summary>
    public async Task<long> RunAsync(
        StatementPlan plan, OpenTransaction transaction, IRowSink sink, MemoryAccount account, CancellationToken ended)
    {
        try
        {
            return await RunAsPlannedAsync(plan, transaction, sink, account, ended);
        }
        catch (SqlException failure) when (plan.GoesOn(failure))
        {
            return await RunAsPlannedAsync(plan.Otherwise!(), transaction, sink, account, ended);
        }
    }

    private async Task<long> RunWithFollowUpAsync(
        StatementPlan plan,
        IFollowUp followUp,
        OpenTransaction transaction,
        IRowSink sink,
        MemoryAccount account,
        CancellationToken ended)
    {
        TransactionMark before = transaction.Mark();
        try
        {
            long affected = await RunTasksAsync(plan, transaction, sink, account, ended);
            await FollowUpAsync(followUp, transaction, sink, account, ended);
            return affected;
        }
        catch (SqlException spent) when (spent.SqlState == SqlStates.NoQuota)
        {
            // Others have taken it since it was asked for.
            transaction.TakeBack(before);
            throw new SnapshotRefusedException(plan.Tasks[0].Shard, ReplyStatus.Retry) { Tables = transaction.Tables };
        }
        catch
        {
            // A statement that is started again, or fails, leaves nothing behind.
            transaction.TakeBack(before);
            throw;
        }
    }

    private async Task FollowUpAsync(
        IFollowUp followUp, OpenTransaction transaction, IRowSink sink, MemoryAccount account, CancellationToken ended)
    {
        IReadOnlyList<SqlValue[]> found = [];
        while (followUp.Next(found) is { } step)
        {
            ended.ThrowIfCancellationRequested();
            if (step.Kind == StatementKind.Write)
            {
                found = [];
                await RunTasksAsync(step, transaction, sink, account, ended);
            }
            else
            {
                found = await GatherAsync(step, transaction, sink, account, ended);
            }
        }
    }

    private async Task<List<SqlValue[]>> GatherAsync(
        StatementPlan reading, OpenTransaction transaction, IRowSink sink, MemoryAccount account, CancellationToken ended)
    {
        using var gathering = new RowGathering(this, reading.Tasks, transaction, sink, ended);
        List<SqlValue[]> found = await gathering.RunAsync(account);
        return reading.Then is null
            ? found
            : await GatherAsync(reading.Then(found), transaction, sink, account, ended);
    }
}
