using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Execution;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Storage.Client;
using ShardSql.Transactions;

namespace ShardSql.Tests.Gateway;

/// <summary>
/// Shards in memory behind the gateway's contract: versions by stamp, backward validation, fences of undecided
/// transactions, guards. No replication and no DSSN: a stricter validation that gateways cannot tell apart.
/// </summary>
internal sealed class FakeShardCluster : IShardClient
{
    private readonly Lock _gate = new();
    private readonly SortedSet<ShardId> _leaderless = [];
    private readonly SortedSet<ShardId> _silent = [];
    private readonly SortedDictionary<ShardId, FakeShard> _shards = [];
    private readonly HlcClock _clock = new(1);

    public FakeShardCluster(int dataShards)
    {
        for (uint i = 0; i <= dataShards; i++)
        {
            _shards.Add(new ShardId(i), new FakeShard(new ShardId(i)));
            if (i > 0)
            {
                DataShards.Add(new ShardId(i));
            }
        }
    }

    public List<ShardId> DataShards { get; } = [];

    /// <summary>What happened, in order: "ONE s1", "PREPARE s1 #2", "CURSOR s1", …</summary>
    public List<string> Trace { get; } = [];

    public HlcTimestamp OldestReported { get; private set; }

    /// <summary>Each may answer in the shard's place, or throw; null: the shard answers.</summary>
    public Func<ShardId, FragmentRequest, FragmentReply?>? OnFragment { get; set; }

    public Func<ShardId, OneRequest, OneReply?>? OnOne { get; set; }

    public Func<ShardId, PrepareRequest, Vote?>? OnPrepare { get; set; }

    /// <summary>After the vote was made: may lose it by throwing.</summary>
    public Action<ShardId, PrepareRequest, Vote>? AfterPrepare { get; set; }

    public Action<ShardId, OneRequest, OneReply>? AfterOne { get; set; }

    public Func<ShardId, QueryRequest, Vote?>? OnQuery { get; set; }

    public Func<ShardId, AttemptReport?>? OnAsk { get; set; }

    /// <summary>Awaited before a fragment is served.</summary>
    public Func<ShardId, Task>? BeforeFragment { get; set; }

    /// <summary>Never ends; who gives up waiting is told why, as the client of real nodes does.</summary>
    public Task NoLeaderAsync(ShardId shard)
    {
        lock (_gate)
        {
            _leaderless.Add(shard);
        }

        return new TaskCompletionSource().Task;
    }

    /// <summary>Awaited before each further batch.</summary>
    public Func<ShardId, Task>? BeforeContinue { get; set; }

    public int OpenCursors
    {
        get
        {
            lock (_gate)
            {
                int open = 0;
                foreach (FakeShard shard in _shards.Values)
                {
                    open += shard.OpenCursors;
                }

                return open;
            }
        }
    }

    /// <summary>What a change of leaders does to the cursors.</summary>
    public void DropCursors()
    {
        lock (_gate)
        {
            foreach (FakeShard shard in _shards.Values)
            {
                shard.DropCursors();
            }
        }
    }

    public int RowsAt(uint shard, uint tableId)
    {
        lock (_gate)
        {
            return _shards[new ShardId(shard)].CountRows(RowKeyLayout.TableRange(tableId));
        }
    }

    public int CountTrace(string prefix)
    {
        lock (_gate)
        {
            return Trace.FindAll(line => line.StartsWith(prefix, StringComparison.Ordinal)).Count;
        }
    }

    public async ValueTask<FragmentReply> RunFragmentAsync(
        ShardId shard, FragmentRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (BeforeFragment is { } before)
        {
            try
            {
                await before(shard).WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (_leaderless.Contains(shard))
            {
                throw new ShardUnavailableException($"shard {shard} has no leader");
            }
        }

        if (OnFragment?.Invoke(shard, request) is { } scripted)
        {
            return scripted;
        }

        lock (_gate)
        {
            if (shard != ShardId.System)
            {
                // The system shard is also read by the clock, which no test should depend on.
                Trace.Add($"READ {shard}");
            }

            _clock.Merge(request.Begin);
            return _shards[shard].Run(request, _clock.Next(0));
        }
    }

    public async ValueTask<FragmentReply> ContinueAsync(
        ShardId shard, ulong cursor, CancellationToken cancellationToken)
    {
        if (BeforeContinue is { } before)
        {
            await before(shard).WaitAsync(cancellationToken);
        }

        lock (_gate)
        {
            Trace.Add($"CONTINUE {shard}");
            return _shards[shard].Continue(cursor);
        }
    }

    public void CloseCursor(ShardId shard, ulong cursor)
    {
        lock (_gate)
        {
            Trace.Add($"CLOSE {shard}");
            _shards[shard].Close(cursor);
        }
    }

    public ValueTask<OneReply> CommitOneAsync(ShardId shard, OneRequest request, CancellationToken cancellationToken)
    {
        if (OnOne?.Invoke(shard, request) is { } scripted)
        {
            lock (_gate)
            {
                Trace.Add($"ONE {shard} #{request.Id.Attempt}");
            }

            return ValueTask.FromResult(scripted);
        }

        OneReply reply;
        lock (_gate)
        {
            Trace.Add($"ONE {shard} #{request.Id.Attempt}");
            _clock.Merge(request.After);
            reply = _shards[shard].One(request, () => _clock.Next(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()));
        }

        AfterOne?.Invoke(shard, request, reply);
        return ValueTask.FromResult(reply);
    }

    public ValueTask<Vote> PrepareAsync(ShardId shard, PrepareRequest request, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Trace.Add($"PREPARE {shard} #{request.Id.Attempt}");
        }

        if (OnPrepare?.Invoke(shard, request) is { } scripted)
        {
            return ValueTask.FromResult(scripted);
        }

        Vote vote;
        lock (_gate)
        {
            _clock.Merge(request.Stamp);
            vote = _shards[shard].Prepare(request);
        }

        AfterPrepare?.Invoke(shard, request, vote);
        return ValueTask.FromResult(vote);
    }

    public ValueTask<Vote> QueryAsync(ShardId shard, QueryRequest request, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Trace.Add($"QUERY {shard} #{request.Id.Attempt}");
        }

        if (OnQuery?.Invoke(shard, request) is { } scripted)
        {
            return ValueTask.FromResult(scripted);
        }

        lock (_gate)
        {
            return ValueTask.FromResult(_shards[shard].Query(request));
        }
    }

    public void Decide(ShardId shard, DecideNotice notice)
    {
        lock (_gate)
        {
            Trace.Add($"DECIDE {shard} #{notice.Id.Attempt}");
            _shards[shard].Decide(notice);
        }
    }

    public ValueTask<AttemptReport> AskAttemptsAsync(
        ShardId shard, UInt128 session, ulong sequence, bool refuse, CancellationToken cancellationToken)
    {
        if (OnAsk?.Invoke(shard) is { } scripted)
        {
            return ValueTask.FromResult(scripted);
        }

        lock (_gate)
        {
            Trace.Add($"ASK {shard}");
            return ValueTask.FromResult(_shards[shard].Ask(session, sequence, refuse));
        }
    }

    public ValueTask<ShardStatus> StatusAsync(ShardId shard, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            StatusesAsked++;
            if (_silent.Contains(shard))
            {
                throw new ShardUnavailableException($"shard {shard} has no leader");
            }

            return ValueTask.FromResult(new ShardStatus
            {
                Shard = shard,
                Leader = LeaderOf(shard),
                Replicas = [new NodeId(1), new NodeId(2), new NodeId(3)],
                Counters = [new KeyValuePair<string, long>("commits", _shards[shard].Commits)],
            });
        }
    }

    /// <summary>Who leads a shard.</summary>
    public static NodeId LeaderOf(ShardId shard) => new(1 + (shard.Value % 3));

    /// <summary>Shards whose leader cannot be asked what it is or holds.</summary>
    public ISet<ShardId> Silent => _silent;

    /// <summary>How often a leader was asked what it is.</summary>
    public int StatusesAsked { get; private set; }

    public ValueTask<GroupReply> ChangeAsync(
        ShardId shard, GroupRequest request, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new GroupReply(IsDone: request.Nodes[0] == new NodeId(1), "n1 leads everything here", [new NodeId(1)]));

    public ValueTask<IReadOnlyList<PreparedTransaction>> InDoubtAsync(ShardId shard, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _silent.Contains(shard)
                ? throw new ShardUnavailableException($"shard {shard} has no leader")
                : ValueTask.FromResult<IReadOnlyList<PreparedTransaction>>(_shards[shard].InDoubt());
        }
    }

    public ValueTask<MoveReply> MoveAsync(ShardId shard, Command? step, CancellationToken cancellationToken) =>
        step is null
            ? ValueTask.FromResult(new MoveReply(default, default, default, []))
            : throw new NotSupportedException("These shards hold rows where they are.");

    public ValueTask<CopyReply> CopyAsync(ShardId shard, CopyRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException("These shards hold rows where they are.");

    public ValueTask<SumReply> SumAsync(ShardId shard, SumRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException("These shards hold rows where they are.");

    public void ReportOldestSnapshot(HlcTimestamp oldest) => OldestReported = oldest;
}
