using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Stamps;
using ShardSql.Primitives;
using ShardSql.Storage.Client;
using ShardSql.Transactions;

namespace ShardSql.Gateway.Commit;

/// <summary>What became of a client's transaction.</summary>
internal enum TransactionFate
{
    /// <summary>Too old, or a shard that may know could not be asked.</summary>
    Unknown,

    /// <summary>An attempt committed.</summary>
    Committed,

    /// <summary>None did, and none can any more.</summary>
    RolledBack,
}

/// <summary>
/// Finds out what became of a transaction from the votes of its shards, and makes sure that what has not been voted
/// for never will be (commit.md §3, step 6). Anybody may do this at any time; the votes decide.
/// </summary>
internal sealed partial class OutcomeResolver(IShardClient client, StampSource stamps, TimeProvider time)
{
    /// <summary>The fate of a transaction, over all its attempts.</summary>
    /// <param name="session">Who minted the id.</param>
    /// <param name="sequence">Which transaction of the session.</param>
    /// <param name="participants">The shards that may know.</param>
    /// <param name="deadline">How long to try.</param>
    public async Task<(TransactionFate Fate, HlcTimestamp Stamp)> ResolveAsync(
        UInt128 session, ulong sequence, IReadOnlyList<ShardId> participants, CancellationToken deadline)
    {
        try
        {
            for (int round = 0; round < GatewayLimits.MaxRecoveryRounds; round++)
            {
                var asking = new List<Task<AttemptReport?>>(participants.Count);
                foreach (ShardId shard in participants)
                {
                    asking.Add(AskAsync(shard, session, sequence, refuse: true, deadline));
                }

                (TransactionFate fate, HlcTimestamp stamp, bool isFinal) =
                    await JudgeAsync(await Task.WhenAll(asking), deadline);
                if (isFinal)
                {
                    stamps.Merge(stamp);
                    return (fate, stamp);
                }

                await Backoff.BeforeRecoveryAsync(round, time, deadline);
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            // Not knowing in time is an answer of its own.
        }

        return (TransactionFate.Unknown, HlcTimestamp.Zero);
    }

    /// <summary>The fate of a ONE whose reply was lost.</summary>
    public async Task<CommitOutcome> ResolveOneAsync(ShardId shard, TxnId id, CancellationToken deadline)
    {
        (TransactionFate fate, HlcTimestamp stamp) = await ResolveAsync(id.Session, id.Sequence, [shard], deadline);
        CommitVerdict verdict = fate switch
        {
            TransactionFate.Committed => CommitVerdict.Committed,
            TransactionFate.RolledBack => CommitVerdict.Unavailable,
            _ => CommitVerdict.Unknown,
        };
        return new CommitOutcome(verdict, id, stamp, [shard]) { Detail = $"no answer from {shard}" };
    }

    private async Task<AttemptReport?> AskAsync(
        ShardId shard, UInt128 session, ulong sequence, bool refuse, CancellationToken deadline)
    {
        try
        {
            return await client.AskAttemptsAsync(shard, session, sequence, refuse, deadline);
        }
        catch (ShardUnavailableException)
        {
            return null;
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task<(TransactionFate Fate, HlcTimestamp Stamp, bool IsFinal)> JudgeAsync(
        AttemptReport?[] reports, CancellationToken deadline)
    {
        bool isForgotten = false;
        bool isMissing = false;
        foreach (AttemptReport? report in reports)
        {
            if (report is { Committed: true })
            {
                return (TransactionFate.Committed, report.Stamp, true);
            }

            isMissing |= report is null;
            isForgotten |= report is { Forgotten: true };
        }

        foreach (AttemptReport? report in reports)
        {
            foreach (QueryRequest attempt in report?.Undecided ?? [])
            {
                if (await DecideAsync(attempt, deadline) is not { } decision)
                {
                    isMissing = true;
                }
                else if (decision.Commit)
                {
                    return (TransactionFate.Committed, attempt.Stamp, true);
                }
            }
        }

        return isMissing
            ? (TransactionFate.Unknown, HlcTimestamp.Zero, false)
            : (isForgotten ? TransactionFate.Unknown : TransactionFate.RolledBack, HlcTimestamp.Zero, true);
    }

    private async Task<Decision?> DecideAsync(QueryRequest attempt, CancellationToken deadline)
    {
        var coordinator = new Coordinator(attempt.Id, attempt.Stamp, attempt.Participants);
        var asking = new List<Task<Vote?>>(attempt.Participants.Count);
        foreach (ShardId shard in attempt.Participants)
        {
            asking.Add(QueryAsync(shard, attempt, deadline));
        }

        foreach (Vote? vote in await Task.WhenAll(asking))
        {
            if (vote is not null)
            {
                coordinator.Take(vote);
            }
        }

        if (coordinator.Decision is null)
        {
            return null;
        }

        foreach (ShardId shard in attempt.Participants)
        {
            client.Decide(shard, new DecideNotice(attempt.Id, attempt.Stamp, coordinator.Votes));
        }

        return coordinator.Decision;
    }

    private async Task<Vote?> QueryAsync(ShardId shard, QueryRequest attempt, CancellationToken deadline)
    {
        try
        {
            return await client.QueryAsync(shard, attempt, deadline);
        }
        catch (ShardUnavailableException)
        {
            return null;
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return null;
        }
    }
}
