using System;
using System.Collections.Generic;

using ShardSql.Consensus;
using ShardSql.Primitives;
using ShardSql.Storage.Files;
using ShardSql.Storage.Stores;
using ShardSql.Storage.Wal;
using ShardSql.Transactions;

namespace ShardSql.Storage.Nodes;

/// <summary>What a shard had persisted: the state in the base store and the log behind it.</summary>
/// <param name="Machine">The state.</param>
/// <param name="Generation">Generation of its rows in the base store.</param>
/// <param name="StateChunks">Parts of the state in the base store.</param>
/// <param name="Paxos">Ballots and entries.</param>
public sealed record RecoveredShard(ShardMachine Machine, uint Generation, int StateChunks, PaxosRestored Paxos);

/// <summary>
/// Puts together what a node had persisted: first the base store's states, then the records of the log, in order.
/// </summary>
public sealed class NodeRecovery
{
    private readonly Dictionary<ShardId, Building> _shards = [];

    /// <summary>Where the log ended.</summary>
    public LogPosition LogEnd { get; set; }

    /// <summary>Takes a shard's state as the base store holds it.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="meta">The meta record's value.</param>
    /// <param name="state">The state's parts, joined.</param>
    /// <exception cref="StoreDamagedException">The state is not readable.</exception>
    /// <exception cref="DataRefusedException">The state is of another version of the program.</exception>
    public void AddState(ShardId shard, byte[] meta, ReadOnlySpan<byte> state)
    {
        StoreMeta parsed = StoreMeta.FromBytes(meta);
        if (parsed.Former is { } former)
        {
            Building retired = Of(shard);
            retired.Former = former;
            retired.Generation = former.Generation + 1;
            retired.ForgetLog();
            return;
        }

        if (state.Length > 0 && !ShardState.IsOfThisFormat(state))
        {
            throw new DataRefusedException($"the base store's state of shard {shard} is of another format than this program's");
        }

        ShardState read = ShardState.Read(shard, state)
            ?? throw new StoreDamagedException($"the base store's state of shard {shard} is damaged");
        Building building = Of(shard);
        building.Machine = read.Machine;
        building.Membership = read.Membership;
        building.Generation = parsed.Generation;
        building.StateChunks = parsed.StateChunks;
    }

    /// <summary>The range of the base store that holds the shards' meta records.</summary>
    public static KeyRange Metas => StoreKeys.Metas;

    /// <summary>Whose meta record it is.</summary>
    public static ShardId ShardOf(StoreRow meta) => StoreKeys.ShardOfMeta(meta.Key);

    /// <summary>The range of the base store that holds the parts of a shard's state, given its meta record.</summary>
    public static KeyRange StateRangeOf(ShardId shard, byte[] meta) =>
        StoreKeys.States(shard, StoreMeta.FromBytes(meta).Generation);

    /// <summary>Takes a record of the log.</summary>
    public void AddRecord(ShardId shard, byte kind, ReadOnlySpan<byte> payload)
    {
        var reader = new ByteReader(payload);
        PaxosRecord record = PaxosRecord.Read((PaxosRecordKind)kind, ref reader);
        Building building = Of(shard);
        switch (record.Kind)
        {
            case PaxosRecordKind.Promise:
                building.Promised = record.Ballot > building.Promised ? record.Ballot : building.Promised;
                break;
            case PaxosRecordKind.Accept:
                building.Promised = record.Ballot > building.Promised ? record.Ballot : building.Promised;
                building.Accepted.Add(new AcceptedEntry(record.Slot, record.Ballot, record.Value));
                break;
            case PaxosRecordKind.Commit:
                building.Commit = record.Slot > building.Commit ? record.Slot : building.Commit;
                break;
            case PaxosRecordKind.Amnesia:
                building.IsAmnesiac = true;
                break;
            case PaxosRecordKind.Relearned:
                building.IsAmnesiac = false;
                break;
            case PaxosRecordKind.Flushed:
                building.Flushed = record.Slot > building.Flushed ? record.Slot : building.Flushed;
                break;
            case PaxosRecordKind.Retired:
                building.ForgetLog();
                building.Promised = record.Ballot;
                building.Forgotten = record.Slot;
                building.IsAmnesiac = record.Value.Length > 0;
                break;
            default:
                throw new InvariantException("The log holds a Paxos record of no known kind.");
        }

        building.HasRecords = true;
    }

    /// <summary>The shards that something was found of.</summary>
    internal IReadOnlyCollection<ShardId> Found => _shards.Keys;

    /// <summary>How far the base store has a shard.</summary>
    public Slot HeldOf(ShardId shard) => Of(shard).Machine?.Applied ?? default;

    /// <summary>Gives up what the log said, not what the base store holds.</summary>
    public void ForgetLog()
    {
        foreach (Building building in _shards.Values)
        {
            building.ForgetLog();
        }
    }

    /// <summary>Checks that the base store still has what the log says was flushed to it: the log behind that is cut, so
    /// a store that was emptied or put back would come up with a hole.</summary>
    /// <exception cref="StoreDamagedException">It has not.</exception>
    public void RequireFlushed()
    {
        foreach ((ShardId shard, Building building) in _shards)
        {
            Slot held = building.Machine?.Applied ?? default;
            if (held < building.Flushed)
            {
                throw new StoreDamagedException(
                    $"the base store has shard {shard} up to slot {held}, and slot {building.Flushed} was flushed to it");
            }
        }
    }

    /// <summary>What the base store says of a shard's replica that was given up; null: there was none.</summary>
    internal FormerLife? FormerOf(ShardId shard) => _shards[shard].Former;

    /// <summary>What is to be kept of a shard's replica when it is given up as it was found.</summary>
    internal FormerLife LifeOf(ShardId shard)
    {
        Building building = _shards[shard];
        Slot accepted = building.Machine?.Applied ?? default;
        accepted = Slot.Max(Slot.Max(accepted, building.Commit), building.Forgotten);
        foreach (AcceptedEntry entry in building.Accepted)
        {
            accepted = Slot.Max(accepted, entry.Slot);
        }

        return new FormerLife(building.Generation, building.Promised, accepted, building.IsAmnesiac);
    }

    /// <summary>Whether the log says something of a shard's replica: it may be more than the base store says.</summary>
    internal bool HasRecordsOf(ShardId shard) => _shards[shard].HasRecords;

    internal RecoveredShard Take(ShardId shard)
    {
        Building building = Of(shard);
        Slot snapshot = building.Machine?.Applied ?? default;
        var restored = new PaxosRestored(
            building.Promised, snapshot, building.Commit, building.Accepted, building.IsAmnesiac, building.Forgotten,
            building.Membership);
        return new RecoveredShard(building.Machine ?? new ShardMachine(shard), building.Generation, building.StateChunks, restored);
    }

    private Building Of(ShardId shard)
    {
        if (!_shards.TryGetValue(shard, out Building? building))
        {
            _shards[shard] = building = new Building();
        }

        return building;
    }

    private sealed class Building
    {
        public ShardMachine? Machine { get; set; }

        public Membership? Membership { get; set; }

        public uint Generation { get; set; }

        public int StateChunks { get; set; }

        public Ballot Promised { get; set; }

        public Slot Commit { get; set; }

        public bool IsAmnesiac { get; set; }

        public Slot Flushed { get; set; }

        public List<AcceptedEntry> Accepted { get; } = [];

        public FormerLife? Former { get; set; }

        public Slot Forgotten { get; set; }

        public bool HasRecords { get; set; }

        public void ForgetLog()
        {
            Promised = Former?.Promised ?? default;
            Forgotten = Former?.Accepted ?? default;
            IsAmnesiac = Former?.IsAmnesiac ?? false;
            Commit = default;
            Flushed = default;
            Accepted.Clear();
            HasRecords = false;
        }
    }
}
