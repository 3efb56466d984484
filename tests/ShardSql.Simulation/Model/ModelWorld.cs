using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

using ShardSql.Primitives;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Model;

/// <summary>
/// The commit model: real machines, leaders and coordinators over abstract logs, from one seed. Messages are lost,
/// doubled and reordered, leaders change with entries in flight, clients die, clocks differ. At the end everything is
/// healed, must come to rest, and is checked: one outcome everywhere, the one that was acknowledged, and the serial order
/// of commit.md §1.
/// </summary>
public sealed class ModelWorld
{
    private const int StepsMax = 200_000;

    private readonly Prng _prng;
    private readonly List<ModelShard> _shards = [];
    private readonly List<ModelClient> _clients = [];
    private readonly List<HlcClock> _clocks = [];
    private readonly List<Action> _messages = [];
    private readonly SortedDictionary<TxnId, ModelTransaction> _started = [];
    private readonly SortedDictionary<TxnId, bool> _acknowledged = [];
    private readonly List<ModelTransaction> _committed = [];
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private ulong _begun;
    private bool _healed;

    private ModelWorld(ModelOptions options)
    {
        Options = options;
        _prng = new Prng(options.Seed);
        for (uint i = 1; i <= options.Shards; i++)
        {
            _shards.Add(new ModelShard(this, new ShardId(i)));
        }

        _clocks.AddRange([new HlcClock(101), new HlcClock(102)]);
    }

    internal ModelOptions Options { get; }

    /// <summary>Milliseconds since 1970.</summary>
    internal long NowMs { get; private set; } = 1_000_000_000;

    /// <summary>Runs a seed.</summary>
    /// <returns>What was counted.</returns>
    public static IReadOnlyDictionary<string, long> Run(ModelOptions options)
    {
        var world = new ModelWorld(options);
        try
        {
            world.Run();
        }
        catch (InvariantException broken)
        {
            throw new InvariantException($"Seed {options.Seed}: {broken.Message}", broken);
        }

        return world._counts;
    }

    internal ModelShard Shard(ShardId id) => _shards[(int)id.Value - 1];

    internal ModelShard AnyShard(Prng prng) => _shards[prng.Next(_shards.Count)];

    internal IEnumerable<byte[]> KeysOf(ModelShard shard) => Enumerable.Range(0, Options.KeysPerShard)
        .Select(i => KeyOf(shard, i));

    internal byte[] AnyKey(ModelShard shard, Prng prng) => KeyOf(shard, prng.Next(Options.KeysPerShard));

    internal KeyRange AnyRange(ModelShard shard, Prng prng)
    {
        int first = prng.Next(Options.KeysPerShard);
        int length = prng.Next(1, 4);
        return new KeyRange(KeyOf(shard, first), KeyOf(shard, first + length));
    }

    internal long NextSkew() => Options.SkewMs == 0 ? 0 : _prng.Next(-Options.SkewMs, Options.SkewMs + 1);

    internal void Count(string what) => _counts[what] = _counts.GetValueOrDefault(what) + 1;

    internal void Send(Action message) => _messages.Add(message);

    internal void Broadcast(TxnId id, Vote vote)
    {
        foreach (ModelShard shard in _shards)
        {
            Send(() => shard.Leader.OnVote(id, vote));
        }

        Send(() => _clients.ForEach(client => client.OnVote(id, vote)));
    }

    internal void Started(ModelTransaction transaction) => _started[transaction.Id] = transaction;

    internal void CommittedRead(ModelTransaction transaction)
    {
        Count("reads at a snapshot");
        _committed.Add(transaction);
    }

    internal void Acknowledge(TxnId id, bool committed) => _acknowledged.Add(id, committed);

    private static byte[] KeyOf(ModelShard shard, int i) =>
        [(byte)('a' + shard.Machine.Shard.Value - 1), (byte)('0' + i)];

    private void Run()
    {
        for (int step = 0; ; step++)
        {
            if (step == StepsMax)
            {
                throw new InvariantException("The model does not come to rest.");
            }

            _clients.RemoveAll(client => client.IsDone);
            if (_begun < (ulong)Options.Transactions && _clients.Count < Options.Clients)
            {
                _clients.Add(new ModelClient(this, ++_begun, _prng, _clocks[_prng.Next(_clocks.Count)]));
            }

            _healed = _begun == (ulong)Options.Transactions;
            if (_healed && IsIdle())
            {
                break;
            }

            Step();
        }

        CheckEnd();
    }

    private bool IsIdle() =>
        _clients.TrueForAll(client => client.IsDone) && _messages.Count == 0 && _shards.TrueForAll(shard => shard.IsIdle);

    private void Step()
    {
        NowMs += _prng.Next(3);
        switch (_prng.Next(10))
        {
            case < 3 when _clients.Count > 0:
                _clients[_prng.Next(_clients.Count)].Turn();
                break;
            case < 6 when _messages.Count > 0:
                Deliver();
                break;
            case < 8:
                AnyShard(_prng).ApplyNext();
                break;
            case 8:
                AnyShard(_prng).Recover();
                break;
            default:
                break;
        }

        if (_prng.Chance(300_000))
        {
            AnyShard(_prng).Turn();
        }

        if (!_healed)
        {
            Disturb();
        }
    }

    private void Disturb()
    {
        if (_prng.Chance(Options.LeaderChange))
        {
            Count("leader changes");
            AnyShard(_prng).ChangeLeader(_prng);
        }

        if (_prng.Chance(Options.Housekeeping))
        {
            AnyShard(_prng).Housekeep(_prng, Options.HorizonLagMs);
        }

        if (_prng.Chance(Options.Snapshot))
        {
            AnyShard(_prng).ReplaceFollower();
        }
    }

    private void Deliver()
    {
        int at = _prng.Next(_messages.Count);
        Action message = _messages[at];
        if (_healed || !_prng.Chance(Options.Duplication))
        {
            _messages[at] = _messages[^1];
            _messages.RemoveAt(_messages.Count - 1);
        }

        if (_healed || !_prng.Chance(Options.Loss))
        {
            message();
        }
    }

    private void CheckEnd()
    {
        foreach (ModelTransaction transaction in _started.Values)
        {
            CheckOutcome(transaction);
        }

        var final = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (ModelShard shard in _shards)
        {
            foreach (byte[] key in KeysOf(shard))
            {
                if (shard.ReadNewest(key).Value is { } value)
                {
                    final.Add(Encoding.UTF8.GetString(key), value);
                }
            }
        }

        string? wrong = SerialReplay.Check(_committed, final);
        Invariant.Check(wrong is null, wrong ?? string.Empty);
    }

    private void CheckOutcome(ModelTransaction transaction)
    {
        List<Register> registers = [.. _shards.Select(shard => shard.Machine.Registers.Find(transaction.Id)).OfType<Register>()];
        bool committed = registers.Exists(register => register.State == RegisterState.Committed);
        if (committed)
        {
            Invariant.Check(registers.Count == registers[0].Participants.Count, "All participants have a vote.");
            Invariant.Check(registers.TrueForAll(register => register.State == RegisterState.Committed), "One outcome.");
            transaction.Stamp = registers[0].Stamp;
            transaction.Pi = registers.Aggregate(transaction.Stamp, (pi, register) => HlcTimestamp.Min(pi, register.Vote.Pi));
            _committed.Add(transaction);
        }

        Count(registers.Count == 0 ? "without votes" : committed
            ? registers.Count == 1 ? "ones committed" : "cross-shard committed" : "refused " + Reason(registers));
        Invariant.Check(
            !_acknowledged.TryGetValue(transaction.Id, out bool acknowledged) || acknowledged == committed,
            $"What was acknowledged holds: {transaction}.");
    }

    private static string Reason(List<Register> registers)
    {
        Register? no = registers.Find(register => !register.Vote.Ok);
        return no is null ? "Merged" : no.Vote.Reason.ToString();
    }
}
