using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

using ShardSql.Primitives;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Model;

/// <summary>One transaction at its gateway: reads at a snapshot, buffers writes, commits by ONE or by PREPAREs.</summary>
internal sealed class ModelClient
{
    private const int AttemptsMax = 4;

    private readonly ModelWorld _world;
    private readonly Prng _prng;
    private readonly HlcClock _clock;
    private readonly List<Action> _work = [];
    private readonly SortedDictionary<ShardId, TransactionShare> _shares = [];
    private readonly HlcTimestamp _begin;
    private ModelTransaction _transaction;
    private Coordinator? _coordinator;
    private ShardId? _oneAt;
    private Func<bool>? _evaluate;
    private bool _metRetry;
    private int _waitEpoch = -1;
    private ModelShard? _waitsAt;

    public ModelClient(ModelWorld world, ulong number, Prng prng, HlcClock clock)
    {
        _world = world;
        _prng = prng;
        _clock = clock;
        _begin = clock.Next(world.NowMs + world.NextSkew());
        _transaction = new ModelTransaction { Id = new TxnId(1, number, 0) };
        Plan();
    }

    public bool IsDone { get; private set; }

    public TxnId Id => _transaction.Id;

    /// <summary>One step, unless it waits for a leader that is still there.</summary>
    public void Turn()
    {
        if (IsDone || (_waitsAt is { } shard && shard.Epoch == _waitEpoch))
        {
            return;
        }

        _waitsAt = null;
        if (_work.Count > 0)
        {
            _work[0]();
        }
        else if (_oneAt is { } at)
        {
            AwaitOne(_world.Shard(at));
        }
        else if (_coordinator is { } coordinator)
        {
            if (_prng.Chance(50_000))
            {
                Send([.. coordinator.Missing]);
            }
        }
        else
        {
            Commit();
        }
    }

    /// <summary>A vote came.</summary>
    public void OnVote(TxnId id, Vote vote)
    {
        if (!IsDone && _coordinator is { Decision: null } coordinator && coordinator.Id == id && coordinator.Take(vote))
        {
            IReadOnlyList<Vote> votes = coordinator.Votes;
            foreach (ShardId shard in coordinator.Participants)
            {
                _world.Send(() => _world.Shard(shard).Leader.OnDecide(id, votes));
            }

            Decision decision = coordinator.Decision!.Value;
            _world.Acknowledge(coordinator.Id, decision.Commit);
            if (!decision.Commit && decision.No?.Reason is RefusalReason.Late or RefusalReason.Busy
                && coordinator.Id.Attempt < AttemptsMax)
            {
                Prepare(coordinator.Id.Attempt + 1);
                return;
            }

            IsDone = true;
        }
    }

    private void Plan()
    {
        if (_prng.Chance(250_000))
        {
            ModelShard shard = _world.AnyShard(_prng);
            bool scans = _prng.Chance(400_000);
            byte[] target = _world.AnyKey(shard, _prng);
            KeyRange range = _world.AnyRange(shard, _prng);
            _evaluate = () => Evaluate(shard, scans ? range : null, target);
            _work.Add(RunEvaluation);
            return;
        }

        bool readOnly = _prng.Chance(300_000);
        ModelShard? only = _prng.Chance(300_000) ? _world.AnyShard(_prng) : null;
        for (int i = _prng.Next(1, 5); i > 0; i--)
        {
            ModelShard shard = only ?? _world.AnyShard(_prng);
            byte[] key = _world.AnyKey(shard, _prng);
            KeyRange range = _world.AnyRange(shard, _prng);
            int kind = _prng.Next(100);
            if (readOnly || kind < 50)
            {
                _work.Add(kind % 4 == 0 ? () => Scan(shard, range) : () => Read(shard, key));
            }
            else
            {
                string? value = kind < 65 ? null : NewValue(i);
                _work.Add(() => Write(shard, key, value));
            }
        }
    }

    private string NewValue(int i) => string.Create(CultureInfo.InvariantCulture, $"{_transaction.Id.Sequence}.{i}");

    private TransactionShare ShareAt(ModelShard shard)
    {
        if (!_shares.TryGetValue(shard.Machine.Shard, out TransactionShare? share))
        {
            _shares[shard.Machine.Shard] = share = new TransactionShare { Begin = _begin };
        }

        return share;
    }

    private void Write(ModelShard shard, byte[] key, string? value)
    {
        _work.RemoveAt(0);
        TransactionShare share = ShareAt(shard);
        share.Writes.RemoveAll(write => ByteKeyComparer.Instance.Equals(write.Key, key));
        share.Writes.Add(new KeyWrite(key, value is null ? null : Encoding.UTF8.GetBytes(value)));
        _transaction.Writes[Encoding.UTF8.GetString(key)] = value;
    }

    private void Read(ModelShard shard, byte[] key)
    {
        string text = Encoding.UTF8.GetString(key);
        if (_transaction.Writes.ContainsKey(text) || _transaction.Reads.Exists(read => read.Key == text))
        {
            _work.RemoveAt(0);
            return;
        }

        if (!MayRead(shard) || Waits(shard, shard.Leader.GateRead(key, _begin)))
        {
            return;
        }

        _work.RemoveAt(0);
        (string? value, HlcTimestamp cstamp) = shard.ReadAt(key, _begin);
        _metRetry |= shard.MeetsRetry(key, _begin);
        _clock.Merge(cstamp);
        TransactionShare share = ShareAt(shard);
        share.Reads.Add(new KeyRead(key, cstamp));
        _transaction.Reads.Add(new(text, value));
    }

    private void Scan(ModelShard shard, KeyRange range)
    {
        if (!MayRead(shard) || Waits(shard, shard.Leader.GateRead(range, _begin)))
        {
            return;
        }

        _work.RemoveAt(0);
        var rows = new List<KeyValuePair<string, string>>();
        foreach (byte[] key in _world.KeysOf(shard).Where(key => range.Contains(key)))
        {
            (string? value, HlcTimestamp cstamp) = shard.ReadAt(key, _begin);
            _metRetry |= shard.MeetsRetry(key, _begin);
            _clock.Merge(cstamp);
            if (value is not null)
            {
                rows.Add(new(Encoding.UTF8.GetString(key), value));
            }
        }

        TransactionShare share = ShareAt(shard);
        share.Ranges.Add(range);
        _transaction.Scans.Add(new ModelScan(range, rows));
    }

    private bool MayRead(ModelShard shard)
    {
        if (!shard.Leader.IsServing)
        {
            return false;
        }

        if (_begin < shard.Machine.Horizon)
        {
            _world.Count("too old");
            IsDone = true;
            return false;
        }

        shard.Leader.NeedCeiling(_begin, shard.NowMs);
        if (!shard.Leader.IsBelowCeiling(_begin))
        {
            shard.Leader.WaitForCeiling(Park(shard));
            return false;
        }

        return true;
    }

    private bool Waits(ModelShard shard, TxnId? blocker)
    {
        if (blocker is { } id)
        {
            shard.Leader.WaitFor(id, Park(shard));
        }

        return blocker is not null;
    }

    private long Park(ModelShard shard)
    {
        _waitsAt = shard;
        _waitEpoch = shard.Epoch;
        return shard.Token(() => _waitsAt = null);
    }

    private void RunEvaluation()
    {
        if (_evaluate!())
        {
            _work.Clear();
        }
    }

    // Reads a key, or counts a range, on top of all that is proposed, and writes what came of it.
    private bool Evaluate(ModelShard shard, KeyRange? range, byte[] target)
    {
        TxnId? blocker = range is { } scanned ? shard.Leader.GateEvaluation(scanned) : null;
        blocker ??= shard.Leader.GateEvaluation(target);
        if (!shard.Leader.IsServing || Waits(shard, blocker))
        {
            return false;
        }

        var share = new TransactionShare();
        _transaction = new ModelTransaction { Id = _transaction.Id };
        if (range is { } rows)
        {
            List<KeyValuePair<string, string>> seen = [.. _world.KeysOf(shard).Where(key => rows.Contains(key))
                .Select(key => new KeyValuePair<string, string>(Encoding.UTF8.GetString(key), shard.ReadNewest(key).Value!))
                .Where(row => row.Value is not null)];
            share.Ranges.Add(rows);
            _transaction.Scans.Add(new ModelScan(rows, seen));
        }
        else
        {
            (string? value, HlcTimestamp cstamp) = shard.ReadNewest(target);
            share.Reads.Add(new KeyRead(target, cstamp));
            _transaction.Reads.Add(new(Encoding.UTF8.GetString(target), value));
        }

        string written = NewValue(9);
        share.Writes.Add(new KeyWrite(target, Encoding.UTF8.GetBytes(written)));
        _transaction.Writes[Encoding.UTF8.GetString(target)] = written;
        _oneAt = shard.Machine.Shard;
        _world.Started(_transaction);
        shard.ProposeOne(_transaction.Id, share, OneMode.Evaluated, _clock.Highest);
        return true;
    }

    private void Commit()
    {
        if (_transaction.Writes.Count == 0 && !_metRetry)
        {
            _transaction.Pi = _begin;
            _transaction.Stamp = _begin;
            _world.CommittedRead(_transaction);
            IsDone = true;
        }
        else if (_shares.Count == 1)
        {
            ModelShard shard = _world.Shard(_shares.Keys.First());
            if (shard.Leader.IsServing
                && !Waits(shard, shard.Leader.BlockerOf(_shares[shard.Machine.Shard], HlcTimestamp.Infinity)))
            {
                _oneAt = shard.Machine.Shard;
                _world.Started(_transaction);
                ProposeOne(shard);
            }
        }
        else
        {
            Prepare(0);
        }
    }

    private void ProposeOne(ModelShard shard) => shard.ProposeOne(
        _transaction.Id, _shares[shard.Machine.Shard], OneMode.Snapshot, _clock.Highest);

    private void AwaitOne(ModelShard shard)
    {
        if (shard.Machine.Registers.Find(_transaction.Id) is { } register)
        {
            _world.Acknowledge(_transaction.Id, register.Vote.Ok);
            IsDone = true;
        }
        else if (!shard.IsPending(_transaction.Id) && _evaluate is { } evaluate)
        {
            evaluate();
        }
        else if (shard.Leader.IsServing && _evaluate is null
            && (!shard.IsPending(_transaction.Id) || _prng.Chance(10_000)))
        {
            // The reply may be lost: the same id again, which the register makes harmless.
            ProposeOne(shard);
        }
    }

    private void Prepare(uint attempt)
    {
        HlcTimestamp stamp = _clock.Next(_world.NowMs + _world.NextSkew());
        ModelTransaction before = _transaction;
        _transaction = new ModelTransaction { Id = before.Id with { Attempt = attempt }, Stamp = stamp };
        _transaction.Reads.AddRange(before.Reads);
        _transaction.Scans.AddRange(before.Scans);
        foreach ((string key, string? value) in before.Writes)
        {
            _transaction.Writes.Add(key, value);
        }

        _world.Started(_transaction);
        _coordinator = new Coordinator(_transaction.Id, stamp, [.. _shares.Keys]);
        Send([.. _shares.Keys]);
        if (_prng.Chance(_world.Options.ClientDeath))
        {
            _world.Count("client died");
            IsDone = true;
        }
    }

    private void Send(List<ShardId> shards)
    {
        Coordinator coordinator = _coordinator!;
        foreach (ShardId shard in shards.Where(_ => _prng.Chance(200_000) || coordinator.FirstNo is null))
        {
            var prepare = new PrepareCommand(
                coordinator.Id, coordinator.Stamp, HlcTimestamp.Zero, coordinator.Participants, _shares[shard]);
            _world.Send(() => _world.Shard(shard).OnPrepare(prepare));
        }
    }
}
