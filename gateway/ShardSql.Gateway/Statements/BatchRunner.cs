using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Sessions;
using ShardSql.Gateway.Stamps;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Storage.Client;
using ShardSql.Transactions;

namespace ShardSql.Gateway.Statements;

/// <summary>Runs the statements of a batch as one message: at a transaction's snapshot, or whole at the shard's leader,
/// which evaluates them on top of what it has proposed and commits them with one log entry (commit.md §4).</summary>
internal sealed class BatchRunner(
    IShardClient client, StampSource stamps, Committer committer, OutcomeResolver resolver, BackgroundWork background)
{
    /// <summary>Runs a batch inside a transaction, which takes what it read and would write.</summary>
    public async Task RunAsync(
        ShardBatch batch, OpenTransaction transaction, BatchOutput output, IRowSink sink, CancellationToken ended)
    {
        ShardTask task = batch.Task;
        Task<FragmentReply>? coming = client.RunFragmentAsync(
            task.Shard, PlanRunner.RequestOf(task, transaction, transaction.IsFresh), ended).AsTask();
        try
        {
            while (coming is not null)
            {
                FragmentReply reply = await coming;
                coming = reply.Cursor == 0 ? null : client.ContinueAsync(task.Shard, reply.Cursor, ended).AsTask();
                if (reply.Status == ReplyStatus.Failed)
                {
                    await output.TakeFailureAsync(reply.Rows, reply.Statements);
                }

                PlanRunner.Require(task, reply, transaction, sink, stamps);
                transaction.Expect(task);
                transaction.Take(task.Shard, reply);
                await output.TakeAsync(
                    reply.Rows, reply.RowCount, reply.Statements, reply.RowsAffected, ended: reply.Cursor == 0);
            }
        }
        finally
        {
            if (coming is not null)
            {
                background.Follow(PlanRunner.CloseAsync(client, task.Shard, coming, 0));
            }
        }
    }

    /// <summary>Runs a batch as a transaction of its own. Null: it is too much for one evaluation, nothing has been done
    /// and nothing handed out.</summary>
    public async Task<CommitOutcome?> RunAtLeaderAsync(
        ShardBatch batch, Unit unit, BatchOutput output, CancellationToken deadline)
    {
        ShardTask task = batch.Task;
        var request = new OneRequest
        {
            Id = unit.Name.NextAttempt(),
            Fragment = task.Fragment.ToArray(),
            Parameters = task.Parameters.ToArray(),
            Guards = PlanGuards.Of(task),
            After = stamps.Highest,
        };
        unit.IsCommitting = true;
        OneReply? sent = (await committer.SendOneAsync(task.Shard, request, deadline)).Reply;
        if (sent is not { } reply)
        {
            await output.EndAllAsync();
            return await ResolveAsync(task.Shard, request.Id, deadline);
        }

        unit.IsCommitting = reply.Status == ReplyStatus.Ok;
        switch (reply.Status)
        {
            case ReplyStatus.Ok when reply.Vote is { Ok: true }:
                await CommitErrors.DeliverAsync(
                    output.TakeAsync(reply.Rows, reply.RowCount, reply.Statements, reply.RowsAffected, ended: true),
                    request.Id);
                return new CommitOutcome(CommitVerdict.Committed, request.Id, reply.Stamp, [task.Shard]);
            case ReplyStatus.Ok when batch.Plans.Count > 1 && reply.Vote?.Reason == RefusalReason.StaleEvaluation:
                return null;
            case ReplyStatus.Ok:
                await output.EndAllAsync();
                return new CommitOutcome(CommitVerdict.Refused, request.Id, reply.Stamp, [task.Shard])
                {
                    No = reply.Vote,
                    Tables = task.TableIds,
                };
            case ReplyStatus.Failed when batch.Plans.Count > 1 && (IsTooMuch(reply.Failure) || GoesOn(batch, reply.Failure)):
                return null;
            case ReplyStatus.Failed:
                await output.TakeFailureAsync(reply.Rows, reply.Statements);
                throw ErrorFrames.ToException(reply.Failure);
            default:
                throw new SnapshotRefusedException(task.Shard, reply.Status);
        }
    }

    /// <summary>An evaluation keeps all it gives until it commits; at a snapshot the rows go out as they come.</summary>
    private static bool IsTooMuch(StatementFailure? failure) =>
        failure?.SqlState is Sql.SqlStates.ProgramLimitExceeded or Sql.SqlStates.OutOfMemory;

    private static bool GoesOn(ShardBatch batch, StatementFailure? failure) =>
        batch.IsTrial && failure?.SqlState is Sql.SqlStates.NotSpilled or Sql.SqlStates.NoQuota;

    /// <summary>The reply of a fragment is lost. If it committed, its rows and counts are lost with the reply, and the
    /// client must not be told a wrong number: it learns that the outcome is to be asked for.</summary>
    private async Task<CommitOutcome> ResolveAsync(ShardId shard, TxnId id, CancellationToken deadline)
    {
        CommitOutcome outcome = await resolver.ResolveOneAsync(shard, id, deadline);
        return outcome.Verdict == CommitVerdict.Committed
            ? outcome with { Verdict = CommitVerdict.Unknown, Detail = $"it committed, but its result was lost at {shard}" }
            : outcome;
    }
}
