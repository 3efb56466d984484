using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway.Stamps;
using ShardSql.Primitives;
using ShardSql.Storage.Client;
using ShardSql.Transactions;

namespace ShardSql.Gateway.Commit;

/// <summary>
/// One attempt over several shards: PREPARE to all at once, votes into the coordinator, PREPARE again and then QUERY
/// for those that stay away (commit.md §3). Goes on after the client has been answered, until all votes are there or
/// the deadline has passed, so that the others need no recovery.
/// </summary>
internal sealed class VoteRound
{
    private const int PrepareTries = 2;

    private readonly Lock _gate = new();
    private readonly IShardClient _client;
    private readonly StampSource _stamps;
    private readonly TimeProvider _time;
    private readonly Coordinator _coordinator;
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SortedSet<ShardId> _neverReached = [];

    public VoteRound(
        IShardClient client,
        StampSource stamps,
        TimeProvider time,
        TxnId id,
        IReadOnlyList<ShardId> participants,
        HlcTimestamp? stamp = null)
    {
        _client = client;
        _stamps = stamps;
        _time = time;
        _coordinator = new Coordinator(id, stamp ?? stamps.Next(), participants);
        _neverReached.UnionWith(participants);
    }

    public TxnId Id => _coordinator.Id;

    public HlcTimestamp Stamp => _coordinator.Stamp;

    public IReadOnlyList<ShardId> Participants => _coordinator.Participants;

    /// <summary>Completes when the outcome is known, a durable no is there, or the deadline has passed.</summary>
    public Task Settled => _settled.Task;

    /// <summary>Asks all participants; ends when all have voted or the deadline has passed.</summary>
    public async Task RunAsync(
        IReadOnlyList<KeyValuePair<ShardId, TransactionShare>> shares, CancellationToken deadline)
    {
        var asking = new List<Task>(shares.Count);
        foreach ((ShardId shard, TransactionShare share) in shares)
        {
            asking.Add(AskAsync(new PrepareRequest(Id, Stamp, Participants, share), shard, deadline));
        }

        try
        {
            await Task.WhenAll(asking);
        }
        finally
        {
            _settled.TrySetResult();
        }
    }

    /// <summary>
    /// Asks one participant first; once it has agreed, makes the shares of the others and asks them. Where that fails they
    /// are asked to refuse, so that the first one is not left in doubt.
    /// </summary>
    /// <param name="first">Who is asked first, and what.</param>
    /// <param name="rest">Makes the shares of the others; null: the attempt is given up.</param>
    /// <param name="deadline">How long to try.</param>
    public async Task RunInTurnAsync(
        KeyValuePair<ShardId, TransactionShare> first,
        Func<CancellationToken, Task<IReadOnlyList<KeyValuePair<ShardId, TransactionShare>>?>> rest,
        CancellationToken deadline)
    {
        try
        {
            await AskAsync(new PrepareRequest(Id, Stamp, Participants, first.Value), first.Key, deadline);
            if (_settled.Task.IsCompleted || deadline.IsCancellationRequested)
            {
                return;
            }

            if (await rest(deadline) is { } shares)
            {
                await RunAsync(shares, deadline);
                return;
            }

            var refusing = new List<Task>();
            foreach (ShardId shard in _coordinator.Missing)
            {
                refusing.Add(RefuseAsync(shard, deadline));
            }

            await Task.WhenAll(refusing);
        }
        finally
        {
            _settled.TrySetResult();
        }
    }

    /// <summary>What is known now; called once <see cref="Settled"/> has completed.</summary>
    public CommitOutcome Outcome()
    {
        lock (_gate)
        {
            // All may have said yes, applied the outcome and forgotten it while we could not be reached.
            if (_coordinator.FirstNo is { Reason: RefusalReason.Forgotten } forgotten)
            {
                return new CommitOutcome(CommitVerdict.Unknown, Id, Stamp, Participants)
                {
                    Detail = $"{forgotten.Shard} has forgotten what it knew of it",
                };
            }

            if (_coordinator.Decision is { } decision)
            {
                return new CommitOutcome(
                    decision.Commit ? CommitVerdict.Committed : CommitVerdict.Refused, Id, Stamp, Participants)
                {
                    No = decision.No,
                    Decision = decision,
                };
            }

            if (_coordinator.FirstNo is { } no)
            {
                return new CommitOutcome(CommitVerdict.Refused, Id, Stamp, Participants) { No = no };
            }

            // The content of a PREPARE is nowhere but here: a shard that it never reached can never say yes.
            return new CommitOutcome(
                _neverReached.Count > 0 ? CommitVerdict.Unavailable : CommitVerdict.Unknown, Id, Stamp, Participants)
            {
                Detail = $"no vote from {string.Join(", ", _coordinator.Missing)}",
            };
        }
    }

    private async Task AskAsync(PrepareRequest request, ShardId shard, CancellationToken deadline)
    {
        long started = _time.GetTimestamp();
        Vote? vote = null;
        try
        {
            for (int i = 0; i < PrepareTries && vote is null; i++)
            {
                vote = await TryPrepareAsync(request, shard, deadline);
            }

            for (int round = 0; vote is null && round < GatewayLimits.MaxRecoveryRounds; round++)
            {
                if (_time.GetElapsedTime(started) < GatewayLimits.RecoveryDelay || round > 0)
                {
                    await Backoff.BeforeRecoveryAsync(round, _time, deadline);
                }

                vote = await TryQueryAsync(shard, deadline);
            }
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            // The deadline says how long we wait, not what the outcome is: the vote stays missing.
            return;
        }

        if (vote is not null)
        {
            Take(vote);
        }
    }

    private async Task RefuseAsync(ShardId shard, CancellationToken deadline)
    {
        if (await TryQueryAsync(shard, deadline) is { } vote)
        {
            Take(vote);
        }
    }

    private async Task<Vote?> TryPrepareAsync(PrepareRequest request, ShardId shard, CancellationToken deadline)
    {
        try
        {
            Vote vote = await _client.PrepareAsync(shard, request, deadline);
            Reached(shard);
            return vote;
        }
        catch (ShardUnavailableException failure)
        {
            if (failure.MayHaveHappened)
            {
                Reached(shard);
            }

            return null;
        }
        catch (OperationCanceledException)
        {
            Reached(shard);
            throw;
        }
    }

    private async Task<Vote?> TryQueryAsync(ShardId shard, CancellationToken deadline)
    {
        try
        {
            return await _client.QueryAsync(shard, new QueryRequest(Id, Stamp, Participants), deadline);
        }
        catch (ShardUnavailableException)
        {
            // Asked again in the next round; only the deadline ends this.
            return null;
        }
    }

    private void Reached(ShardId shard)
    {
        lock (_gate)
        {
            _neverReached.Remove(shard);
        }
    }

    private void Take(Vote vote)
    {
        // Infinite π of a shard without conflicts is no clock's stamp; the others move the next attempt past them.
        _stamps.Merge(vote.Eta);
        IReadOnlyList<Vote>? all = null;
        bool isNo;
        lock (_gate)
        {
            if (_coordinator.Take(vote))
            {
                all = _coordinator.Votes;
            }

            isNo = _coordinator.FirstNo is not null;
        }

        if (all is not null || isNo)
        {
            _settled.TrySetResult();
        }

        if (all is not null)
        {
            foreach (ShardId shard in Participants)
            {
                _client.Decide(shard, new DecideNotice(Id, Stamp, all));
            }
        }
    }
}
