using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Commit;
using ShardSql.Primitives;
using ShardSql.Simulation.Checking;
using ShardSql.Storage.Client;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Cluster.Gateways;

/// <summary>A commit by the gateway's real classes (commit.md §3), and what its client is told of it.</summary>
internal sealed class CommitRun(SimulatedGateway gateway, TransactionContext context, OpenTransaction transaction)
{
    private const int AttemptsMax = 5;

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(3);

    private readonly SimulatedShardClient _client =
        new(gateway, id => gateway.World.Serial.Began(id, context));

    /// <summary>Commits, and says once how it ended.</summary>
    public void Start(Action<TransactionEnd> then) => gateway.Start(async () => then(await RunAsync()));

    /// <summary>Commits.</summary>
    public async Task<TransactionEnd> RunAsync()
    {
        OutcomeResolver resolver = gateway.ResolverOver(_client);
        Committer committer = gateway.CommitterOver(_client, resolver);
        try
        {
            return ToEnd(context.Append is { } append
                ? await AppendAsync(committer, resolver, append.Row, append.More)
                : await committer.CommitAsync(transaction, s_deadline));
        }
        catch (ShardUnavailableException never) when (!never.MayHaveHappened)
        {
            // 57P03: no leader was found, and nothing was sent.
            return new TransactionEnd(HistoryOutcome.Fail, "unavailable", HlcTimestamp.Zero);
        }
    }

    private static TransactionEnd ToEnd(CommitOutcome outcome) => outcome.Verdict switch
    {
        CommitVerdict.Committed => new TransactionEnd(HistoryOutcome.Ok, "committed", outcome.Stamp),
        CommitVerdict.Unknown => new TransactionEnd(HistoryOutcome.Info, "unknown", HlcTimestamp.Zero),
        CommitVerdict.Unavailable => new TransactionEnd(HistoryOutcome.Fail, "unavailable", HlcTimestamp.Zero),
        _ => new TransactionEnd(HistoryOutcome.Fail, outcome.Reason.ToString(), HlcTimestamp.Zero),
    };

    // As the gateway's BatchRunner does with a statement that its shard's leader evaluates.
    private async Task<CommitOutcome> AppendAsync(
        Committer committer, OutcomeResolver resolver, RowId row, string more)
    {
        ShardId shard = context.ShardOf(row);
        using var deadline = new CancellationTokenSource(s_deadline, gateway.Time);
        for (int attempt = 1; ; attempt++)
        {
            var request = new OneRequest
            {
                Id = transaction.Name.NextAttempt(), Fragment = SimulatedRows.Append(row, more),
                After = gateway.Highest,
            };
            if ((await committer.SendOneAsync(shard, request, deadline.Token)).Reply is not { } reply)
            {
                return await resolver.ResolveOneAsync(shard, request.Id, deadline.Token);
            }

            bool isOk = reply is { Status: ReplyStatus.Ok, Vote.Ok: true };
            var outcome = new CommitOutcome(
                isOk ? CommitVerdict.Committed : CommitVerdict.Refused, request.Id, reply.Stamp, [shard])
            {
                No = isOk ? null : reply.Vote,
            };
            if (isOk)
            {
                TakeAppended(row, reply);
            }

            if (isOk || !outcome.MayPassAgain || attempt == AttemptsMax)
            {
                return outcome;
            }
        }
    }

    private void TakeAppended(RowId row, OneReply reply)
    {
        foreach ((RowId id, string text) in SimulatedRows.FromReply(row.Table, reply.Rows))
        {
            context.Seen[id] = text;
        }
    }
}
