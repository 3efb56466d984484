using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

using ShardSql.Primitives;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Model;

/// <summary>
/// One shard of the model: the real machine and leader over a log whose entries in flight may be lost when the leader
/// changes, with a follower that must compute the same, and a base store.
/// </summary>
internal sealed class ModelShard
{
    // Entries between two flushes.
    private const ulong StoredEvery = 3;

    private readonly ModelWorld _world;
    private readonly Dictionary<long, Action> _tokens = [];
    private readonly SortedSet<TxnId> _pending = [];
    private readonly SortedSet<TxnId> _ones = [];
    private readonly SortedDictionary<string, SettledRow> _base = new(StringComparer.Ordinal);
    private readonly StoredState _stored = new();
    private readonly Queue<Command> _pipeline = new();
    private ShardMachine _follower;
    private long _skewMs;
    private ulong _boots;
    private long _nextToken;

    public ModelShard(ModelWorld world, ShardId id)
    {
        _world = world;
        Machine = new ShardMachine(id);
        _follower = new ShardMachine(id);
        Leader = NewLeader();
    }

    public ShardMachine Machine { get; }

    public ShardLeader Leader { get; private set; }

    public int Epoch { get; private set; }

    public bool IsIdle => _pipeline.Count == 0 && Leader.QueueLength == 0 && Machine.Registers.Undecided.Count == 0;

    public long NowMs => _world.NowMs + _skewMs;

    public long Token(Action resume)
    {
        _tokens[++_nextToken] = resume;
        return _nextToken;
    }

    /// <summary>Takes what the leader wants proposed, and lets go what waited.</summary>
    public void Turn()
    {
        var entry = new ByteWriter();
        Leader.TakeEntry(entry, 1_000);
        var reader = new ByteReader(entry.WrittenSpan);
        while (reader.Remaining > 0)
        {
            _pipeline.Enqueue(Command.Read(ref reader) ?? throw new InvariantException("A command is not readable."));
        }

        var due = new List<long>();
        Leader.TakeWoken(due);
        Leader.TakeReleased(_world.NowMs * 1_000, due);
        foreach (long token in due)
        {
            if (_tokens.Remove(token, out Action? resume))
            {
                resume();
            }
        }
    }

    public void ApplyNext()
    {
        if (!_pipeline.TryDequeue(out Command? command))
        {
            return;
        }

        Machine.BeginEntry(Machine.Applied.Next);
        ApplyResult result = Machine.Apply(command);
        _follower.BeginEntry(_follower.Applied.Next);
        ApplyResult same = _follower.Apply(command);
        Invariant.Check(
            Machine.StateHash == _follower.StateHash && result.Vote?.Pi == same.Vote?.Pi, "Replicas compute the same.");
        Leader.OnApplied(command, result);
        if (Machine.Applied.Value % StoredEvery == 0)
        {
            _stored.Flush(Machine);
        }

        if (command is PrepareCommand or RefuseCommand && result.Vote is { } vote)
        {
            _pending.Remove(IdOf(command));
            _world.Broadcast(IdOf(command), vote);
        }

        if (command is OneCommand one)
        {
            _ones.Remove(one.Id);
        }
    }

    /// <summary>Another leader: some of what is in flight is lost, and all that the old one remembered.</summary>
    public void ChangeLeader(Prng prng)
    {
        int kept = prng.Next(_pipeline.Count + 1);
        List<Command> all = [.. _pipeline];
        _pipeline.Clear();
        all.Take(kept).ToList().ForEach(_pipeline.Enqueue);
        _tokens.Clear();
        _pending.Clear();
        _ones.Clear();
        _ones.UnionWith(_pipeline.OfType<OneCommand>().Select(one => one.Id));
        Epoch++;
        Leader = NewLeader();
    }

    public void ReplaceFollower()
    {
        var writer = new ByteWriter();
        Machine.WriteState(writer);
        ShardMachine? copy = ShardMachine.ReadState(Machine.Shard, writer.WrittenSpan);
        Invariant.Check(copy is not null && copy.StateHash == Machine.StateHash, "A snapshot is readable.");
        var again = new ByteWriter();
        copy.WriteState(again);
        Invariant.Check(writer.WrittenSpan.SequenceEqual(again.WrittenSpan), "A snapshot of a snapshot is the same.");
        _follower = copy;
    }

    public void Housekeep(Prng prng, int horizonLagMs)
    {
        switch (prng.Next(4))
        {
            case 0:
                var closed = HlcTimestamp.FromPhysicalMs(NowMs - prng.Next(20, 200));
                Leader.Propose(new CloseCommand(
                    closed, Leader.TakeReported(), Machine.Checkpoint.Slot, Machine.Checkpoint.Hash));
                break;
            case 1:
                var horizon = HlcTimestamp.FromPhysicalMs(NowMs - prng.Next(horizonLagMs, horizonLagMs * 3));
                Leader.Propose(new HorizonCommand(HlcTimestamp.Min(horizon, Machine.Closed)));
                break;
            default:
                List<SettledRow> rows = Machine.Versions.TakeSettled();
                rows.ForEach(row => _base[Encoding.UTF8.GetString(row.Key)] = row);
                Machine.Versions.Flushed(rows);
                break;
        }
    }

    /// <summary>Whether a ONE is on its way.</summary>
    public bool IsPending(TxnId one) => _ones.Contains(one);

    public void ProposeOne(TxnId id, TransactionShare share, OneMode mode, HlcTimestamp after)
    {
        _ones.Add(id);
        Leader.ProposeOne(id, share, mode, Machine.Applied, after, [], NowMs);
    }

    /// <summary>Recovery and reports that are due.</summary>
    public void Recover()
    {
        Leader.StartTimers(_world.NowMs);
        foreach (Coordinator recovery in Leader.DueRecoveries(_world.NowMs))
        {
            var refuse = new RefuseCommand(recovery.Id, recovery.Stamp, recovery.Participants);
            foreach (ShardId missing in recovery.Missing)
            {
                _world.Send(() => _world.Shard(missing).OnQuery(refuse));
            }
        }

        var reports = new List<(TxnId Id, ShardId To)>();
        Leader.DueReports(_world.NowMs, reports);
        foreach ((TxnId id, ShardId to) in reports)
        {
            _world.Send(() => _world.Shard(to).OnReport(id, Machine.Shard));
        }
    }

    private void OnReport(TxnId id, ShardId from)
    {
        Leader.OnReport(id, from);
        if (Machine.Registers.Find(id) is not { State: RegisterState.Undecided })
        {
            _world.Send(() => _world.Shard(from).Leader.OnReport(id, Machine.Shard));
        }
    }

    /// <summary>PREPARE from a gateway.</summary>
    public void OnPrepare(PrepareCommand prepare)
    {
        if (Machine.Registers.Find(prepare.Id) is { } known)
        {
            _world.Broadcast(prepare.Id, known.Vote);
        }
        else if (Leader.IsServing && _pending.Add(prepare.Id))
        {
            long token = Token(() => Schedule(prepare));
            Leader.HoldPrepare(prepare.Id, prepare.Stamp, prepare.Share, token, _world.NowMs * 1_000);
        }
    }

    /// <summary>QUERY of recovery.</summary>
    public void OnQuery(RefuseCommand refuse)
    {
        if (Machine.Registers.Find(refuse.Id) is { } known)
        {
            _world.Broadcast(refuse.Id, known.Vote);
        }
        else if (Leader.IsServing)
        {
            Leader.Propose(refuse);
        }
    }

    /// <summary>The row that a snapshot sees, with its stamp.</summary>
    public (string? Value, HlcTimestamp Cstamp) ReadAt(byte[] key, HlcTimestamp begin) =>
        Machine.Versions.Find(key)?.AsOf(begin) is { InBase: false } version ? Row(version) : ReadBase(key);

    /// <summary>The newest row, ONEs on their way included.</summary>
    public (string? Value, HlcTimestamp Cstamp) ReadNewest(byte[] key)
    {
        if (Leader.Proposals.NewestOne(key) is { } proposed)
        {
            return (proposed.Value is null ? null : Encoding.UTF8.GetString(proposed.Value), proposed.Stamp);
        }

        return Machine.Versions.Find(key)?.Newest is { } version ? Row(version) : ReadBase(key);
    }

    /// <summary>Whether a snapshot read met a version that a larger stamp overwrote behind it (commit.md §2, c).</summary>
    public bool MeetsRetry(byte[] key, HlcTimestamp begin) =>
        Machine.Versions.Find(key)?.AsOf(begin) is { Sstamp.IsInfinity: false } version
        && version.Scstamp > begin && version.Sstamp <= begin;

    private static TxnId IdOf(Command command) => command switch
    {
        PrepareCommand prepare => prepare.Id,
        RefuseCommand refuse => refuse.Id,
        _ => default,
    };

    private static (string? Value, HlcTimestamp Cstamp) Row(KeyVersion version) =>
        (version.Value is null ? null : Encoding.UTF8.GetString(version.Value), version.Cstamp);

    private (string? Value, HlcTimestamp Cstamp) ReadBase(byte[] key)
    {
        SettledRow? row = Machine.Versions.FindSettled(key) ?? _base.GetValueOrDefault(Encoding.UTF8.GetString(key));
        return row?.Value is null ? (null, HlcTimestamp.Zero) : (Encoding.UTF8.GetString(row.Value), row.Cstamp);
    }

    private void Schedule(PrepareCommand prepare)
    {
        if (Machine.Registers.Find(prepare.Id) is { } known)
        {
            _pending.Remove(prepare.Id);
            _world.Broadcast(prepare.Id, known.Vote);
        }
        else if (Leader.BlockerOf(prepare.Share, prepare.Stamp) is { } blocker)
        {
            Leader.WaitFor(blocker, Token(() => Schedule(prepare)));
        }
        else
        {
            Leader.ProposePrepare(prepare.Id, prepare.Stamp, prepare.Participants, prepare.Share);
        }
    }

    private ShardLeader NewLeader()
    {
        _skewMs = _world.NextSkew();
        var leader = new ShardLeader(Machine, new HlcClock((Machine.Shard.Value * 1_000_000UL) + ++_boots));
        leader.Begin();
        leader.TakeOver(_world.NowMs);
        return leader;
    }
}
