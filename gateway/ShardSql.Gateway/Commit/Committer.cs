using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Observing;
using ShardSql.Gateway.Stamps;
using ShardSql.Planning.Catalogs;
using ShardSql.Primitives;
using ShardSql.Storage.Client;
using ShardSql.Transactions;

namespace ShardSql.Gateway.Commit;

/// <summary>
/// Commits what a transaction has read and buffered: without a log entry where nothing has to be validated, with ONE
/// where it lives on one shard, else with one PREPARE for each participant (commit.md §2, §3). A new attempt starts
/// only
/// after a durable no. Once something has been sent, only the deadline ends the waiting, and then the outcome is
/// unknown.
/// </summary>
internal sealed class Committer
{
    private readonly IShardClient _client;
    private readonly StampSource _stamps;
    private readonly TimeProvider _time;
    private readonly OutcomeResolver _resolver;
    private readonly BackgroundWork _background;
    private readonly ConflictLog? _conflicts;
    private readonly TransactionWatch? _graph;
    private readonly Func<CancellationToken, Task<SystemState>>? _refresh;

    public Committer(
        IShardClient client,
        StampSource stamps,
        TimeProvider time,
        OutcomeResolver resolver,
        BackgroundWork background,
        ConflictLog? conflicts = null,
        Func<CancellationToken, Task<SystemState>>? refresh = null,
        TransactionWatch? graph = null)
    {
        _graph = graph;
        _refresh = refresh;
        _conflicts = conflicts;
        _client = client;
        _stamps = stamps;
        _time = time;
        _resolver = resolver;
        _background = background;
    }

    /// <summary>Commits; refusals that say nothing about the content are tried again under a new attempt and
    /// stamp.</summary>
    /// <param name="transaction">What to commit.</param>
    /// <param name="timeLeft">How long the outcome is waited for.</param>
    public async Task<CommitOutcome> CommitAsync(OpenTransaction transaction, TimeSpan timeLeft)
    {
        List<KeyValuePair<ShardId, TransactionShare>> shares = transaction.Shares();
        if (!transaction.NeedsValidation || shares.Count == 0)
        {
            return new CommitOutcome(CommitVerdict.Committed, transaction.Name.LastAttempt, transaction.Begin, []);
        }

        long started = _time.GetTimestamp();
        int moves = 0;
        for (int attempt = 0; ; attempt++)
        {
            TimeSpan left = timeLeft - _time.GetElapsedTime(started);
            CommitOutcome outcome = shares.Count == 1
                ? await CommitOneAsync(transaction, shares[0].Key, shares[0].Value, left)
                : await PrepareAsync(transaction, shares, left);
            if (outcome.Verdict == CommitVerdict.Refused)
            {
                outcome = outcome with { Tables = transaction.Tables };
                _conflicts?.Add(outcome);
                _graph?.Refused(outcome, transaction);
            }

            if (outcome.IsOfMove && MayFollow(transaction, outcome)
                && _refresh is not null && _time.GetElapsedTime(started) < timeLeft
                && moves++ < GatewayLimits.MaxMoveWaits)
            {
                await FollowAsync(transaction, outcome, moves, timeLeft - _time.GetElapsedTime(started));
                shares = transaction.Shares();
                attempt--;
                continue;
            }

            if (!outcome.MayPassAgain
                || attempt == GatewayLimits.MaxCommitRetries
                || _time.GetElapsedTime(started) >= timeLeft)
            {
                return outcome;
            }

            await Backoff.BeforeAttemptAsync(attempt + 1, _time, CancellationToken.None);
        }
    }

    /// <summary>One that changes the schema has conflicted with whoever moved a segment.</summary>
    private static bool MayFollow(OpenTransaction transaction, CommitOutcome outcome) =>
        transaction.Schema is null || outcome.Reason != RefusalReason.StaleEpoch;

    /// <summary>Waits for a segment that is about to move, and follows one that has moved: the client sees neither
    /// (sharding.md §2).</summary>
    private async Task FollowAsync(OpenTransaction transaction, CommitOutcome outcome, int moves, TimeSpan timeLeft)
    {
        await Backoff.BeforeAttemptAsync(moves, _time, CancellationToken.None);
        if (outcome.Reason != RefusalReason.StaleEpoch)
        {
            return;
        }

        using CancellationTokenSource deadline = Deadline(timeLeft);
        try
        {
            transaction.Follow(await _refresh!(deadline.Token));
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            // Out of time: the refusal stands.
        }
    }

    private async Task<CommitOutcome> PrepareAsync(
        OpenTransaction transaction, List<KeyValuePair<ShardId, TransactionShare>> shares, TimeSpan timeLeft)
    {
        var participants = new ShardId[shares.Count];
        for (int i = 0; i < participants.Length; i++)
        {
            participants[i] = shares[i].Key;
        }

        var round = new VoteRound(_client, _stamps, _time, transaction.Name.NextAttempt(), participants);
        _background.Follow(RunAsync(round, shares, timeLeft));
        await round.Settled;
        return round.Outcome();
    }

    private async Task RunAsync(
        VoteRound round, List<KeyValuePair<ShardId, TransactionShare>> shares, TimeSpan timeLeft)
    {
        using CancellationTokenSource deadline = Deadline(timeLeft);
        await round.RunAsync(shares, deadline.Token);
    }

    private async Task<CommitOutcome> CommitOneAsync(
        OpenTransaction transaction, ShardId shard, TransactionShare share, TimeSpan timeLeft)
    {
        TxnId id = transaction.Name.NextAttempt();
        var request = new OneRequest { Id = id, Share = share, Guards = share.Guards, After = _stamps.Highest };
        using CancellationTokenSource deadline = Deadline(timeLeft);
        return await SendOneAsync(shard, request, deadline.Token) is { Reply: { } reply }
            ? ToOutcome(shard, id, reply)
            : await _resolver.ResolveOneAsync(shard, id, deadline.Token);
    }

    /// <summary>Sends a ONE; no reply when it may have happened and nobody told us.</summary>
    public async Task<OneResult> SendOneAsync(ShardId shard, OneRequest request, CancellationToken deadline)
    {
        try
        {
            OneReply reply = await _client.CommitOneAsync(shard, request, deadline);
            _stamps.Merge(reply.Stamp);
            if (reply.Vote is { } vote)
            {
                _stamps.Merge(vote.Eta);
            }

            return new OneResult(reply);
        }
        catch (ShardUnavailableException failure) when (failure.MayHaveHappened)
        {
            return new OneResult(null);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return new OneResult(null);
        }
    }

    private static CommitOutcome ToOutcome(ShardId shard, TxnId id, OneReply reply)
    {
        ShardId[] participants = [shard];
        if (reply.Status != ReplyStatus.Ok || reply.Vote is not { } vote)
        {
            RefusalReason reason = reply.Status switch
            {
                ReplyStatus.StaleSchema => RefusalReason.StaleSchema,
                ReplyStatus.StaleEpoch => RefusalReason.StaleEpoch,
                ReplyStatus.SnapshotTooOld => RefusalReason.SnapshotTooOld,
                ReplyStatus.DiskFull => RefusalReason.DiskFull,
                _ => RefusalReason.Busy,
            };
            return new CommitOutcome(CommitVerdict.Refused, id, reply.Stamp, participants)
            {
                No = new Vote(shard, false, HlcTimestamp.Zero, HlcTimestamp.Infinity, reason),
                Detail = reply.Failure?.Message ?? reply.Status.ToString(),
            };
        }

        return new CommitOutcome(
            vote.Ok ? CommitVerdict.Committed : CommitVerdict.Refused, id, reply.Stamp, participants)
        {
            No = vote.Ok ? null : vote,
        };
    }

    private CancellationTokenSource Deadline(TimeSpan timeLeft) =>
        new(timeLeft > TimeSpan.Zero ? timeLeft : TimeSpan.Zero, _time);
}

/// <summary>A ONE's reply, or none: it may have happened.</summary>
internal readonly record struct OneResult(OneReply? Reply);
