using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Storage.Client;
using ShardSql.Transactions;

namespace ShardSql.Gateway.Observing;

/// <summary>The way to the shards for one statement that is analyzed: measures each request and asks leaders where the
/// time goes. Other statements have no part in it.</summary>
internal sealed class MeasuringClient(IShardClient inner, TimeProvider time) : IShardClient
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<ShardId, ShardCost> _reads = [];
    private readonly SortedDictionary<ShardId, ShardCost> _commits = [];
    private readonly Dictionary<(ShardId Shard, ulong Cursor), RequestTimes> _seen = [];

    /// <summary>What reading took, by shard.</summary>
    public IReadOnlyCollection<ShardCost> Reads => _reads.Values;

    /// <summary>What committing took, by shard.</summary>
    public IReadOnlyCollection<ShardCost> Commits => _commits.Values;

    public async ValueTask<FragmentReply> RunFragmentAsync(
        ShardId shard, FragmentRequest request, CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        request.WantTimes = true;
        FragmentReply reply = await inner.RunFragmentAsync(shard, request, cancellationToken);
        AddRead(shard, reply, default, started);
        return reply;
    }

    public async ValueTask<FragmentReply> ContinueAsync(
        ShardId shard, ulong cursor, CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        FragmentReply reply = await inner.ContinueAsync(shard, cursor, cancellationToken);
        RequestTimes before;
        lock (_gate)
        {
            _seen.Remove((shard, cursor), out before);
        }

        AddRead(shard, reply, before, started);
        return reply;
    }

    public void CloseCursor(ShardId shard, ulong cursor) => inner.CloseCursor(shard, cursor);

    public async ValueTask<OneReply> CommitOneAsync(
        ShardId shard, OneRequest request, CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        request.WantTimes = true;
        OneReply reply = await inner.CommitOneAsync(shard, request, cancellationToken);
        AddCommit(shard, reply.Times, started);
        return reply;
    }

    public async ValueTask<Vote> PrepareAsync(
        ShardId shard, PrepareRequest request, CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        var taken = new TimesTaken();
        Vote vote = await inner.PrepareAsync(shard, request with { Times = taken }, cancellationToken);
        AddCommit(shard, taken.Times, started);
        return vote;
    }

    public ValueTask<Vote> QueryAsync(ShardId shard, QueryRequest request, CancellationToken cancellationToken) =>
        inner.QueryAsync(shard, request, cancellationToken);

    public void Decide(ShardId shard, DecideNotice notice) => inner.Decide(shard, notice);

    public ValueTask<AttemptReport> AskAttemptsAsync(
        ShardId shard, UInt128 session, ulong sequence, bool refuse, CancellationToken cancellationToken) =>
        inner.AskAttemptsAsync(shard, session, sequence, refuse, cancellationToken);

    public ValueTask<ShardStatus> StatusAsync(ShardId shard, CancellationToken cancellationToken) =>
        inner.StatusAsync(shard, cancellationToken);

    public ValueTask<IReadOnlyList<PreparedTransaction>> InDoubtAsync(ShardId shard, CancellationToken cancellationToken) =>
        inner.InDoubtAsync(shard, cancellationToken);

    public ValueTask<GroupReply> ChangeAsync(
        ShardId shard, GroupRequest request, CancellationToken cancellationToken) =>
        inner.ChangeAsync(shard, request, cancellationToken);

    public ValueTask<MoveReply> MoveAsync(ShardId shard, Command? step, CancellationToken cancellationToken) =>
        inner.MoveAsync(shard, step, cancellationToken);

    public ValueTask<CopyReply> CopyAsync(ShardId shard, CopyRequest request, CancellationToken cancellationToken) =>
        inner.CopyAsync(shard, request, cancellationToken);

    /// <inheritdoc />
    public ValueTask<SumReply> SumAsync(ShardId shard, SumRequest request, CancellationToken cancellationToken) =>
        inner.SumAsync(shard, request, cancellationToken);

    public void ReportOldestSnapshot(HlcTimestamp oldest) => inner.ReportOldestSnapshot(oldest);

    /// <summary>A fragment's times are those since it began: what was told before is taken off.</summary>
    private void AddRead(ShardId shard, FragmentReply reply, RequestTimes before, long started)
    {
        long elapsed = Since(started);
        RequestTimes all = reply.Times ?? before;
        lock (_gate)
        {
            if (reply.Cursor != 0)
            {
                _seen[(shard, reply.Cursor)] = all;
            }

            CostOf(_reads, shard).Add(elapsed, reply.RowCount, new RequestTimes(
                all.Queued - before.Queued, all.Worked - before.Worked, 0, 0));
        }
    }

    private void AddCommit(ShardId shard, RequestTimes? times, long started)
    {
        long elapsed = Since(started);
        lock (_gate)
        {
            CostOf(_commits, shard).Add(elapsed, 0, times ?? default);
        }
    }

    private long Since(long started) => (long)time.GetElapsedTime(started).TotalMicroseconds;

    private static ShardCost CostOf(SortedDictionary<ShardId, ShardCost> costs, ShardId shard)
    {
        if (!costs.TryGetValue(shard, out ShardCost? cost))
        {
            costs[shard] = cost = new ShardCost(shard);
        }

        return cost;
    }
}
