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

/// <content>What follows a write in its own statement: checks and actions of foreign keys.</content>
internal sealed partial class PlanRunner
{
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
