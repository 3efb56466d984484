using System;
using System.Collections.Generic;

using ShardSql.Consensus;
using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Nodes;
using ShardSql.Storage.Messages;
using ShardSql.Storage.Nodes;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Cluster.Checks;

/// <summary>
/// Sees every replica after each of its turns: one value for each slot, applied in order, the same state after the same
/// slot, and nothing applied that is not synced on a majority.
/// </summary>
internal sealed class LogOracle(SimulatedCluster world)
{
    private const ulong CatchUpSlots = 20;

    private readonly SortedDictionary<ShardId, ShardLog> _shards = [];
    private readonly SortedDictionary<NodeId, List<Watch>> _watches = [];
    private readonly SortedDictionary<(NodeId Node, ShardId Shard), Ballot> _promised = [];
    private readonly SortedSet<ulong> _stampSources = [];

    /// <summary>Entries that were applied by somebody.</summary>
    public long Entries { get; private set; }

    /// <summary>Values that a node's disk has synced.</summary>
    public void OnDurable(NodeId node, IReadOnlyList<AcceptedRecord> records)
    {
        if (world.Options.Tampering.HidesSync?.Invoke(node) == true)
        {
            return;
        }

        foreach (AcceptedRecord record in records)
        {
            world.Trace.Add(TraceKind.Durable, world.Events.NowUs, node.Value, record.Shard.Value, record.ValueHash);
            ShardLog log = LogOf(record.Shard);
            if (!log.Chosen.ContainsKey(record.Slot.Value))
            {
                log.SyncedAt(record.Slot.Value)[node] = record.ValueHash;
            }
        }
    }

    /// <summary>A process has begun, with what it has recovered.</summary>
    public void OnStart(SimulatedNode node)
    {
        var watches = new List<Watch>();
        ulong source = node.Core!.Options.StampSource;

        // Nobody listens to one that has lost its folder, so what it draws is no stamp of the cluster.
        world.Check(
            node.IsWiped || _stampSources.Add(source),
            $"{node.Id} draws from the stamp source {source}, which was used before");
        _watches[node.Id] = watches;
        foreach (ShardReplica replica in node.Core!.Replicas.Values)
        {
            Begin(node, watches, replica);
        }
    }

    /// <summary>A process sends a message: what it says that it has promised it may not forget.</summary>
    public void OnSent(SimulatedNode node, ReadOnlySpan<byte> message)
    {
        var reader = new ByteReader(message);
        if ((StorageMessageKind)reader.ReadByte() != StorageMessageKind.Paxos || node.IsWiped)
        {
            return;
        }

        var shard = new ShardId(reader.ReadVarint32());
        var kind = (PaxosMessageKind)reader.ReadByte();
        Ballot ballot = reader.ReadBallot();
        if (kind is PaxosMessageKind.Promise or PaxosMessageKind.Accepted
            && ballot > _promised.GetValueOrDefault((node.Id, shard)))
        {
            _promised[(node.Id, shard)] = ballot;
        }
    }

    /// <summary>What was read leaves as an answer: nobody else may lead by then, or it might be old.</summary>
    public void OnReadAnswered(SimulatedNode node, ShardId shard)
    {
        if (node.Core?.Replicas.GetValueOrDefault(shard) is not { IsLeader: true } replica)
        {
            return;
        }

        foreach ((NodeId other, List<Watch> watches) in _watches)
        {
            foreach (Watch watch in watches)
            {
                world.Check(
                    watch.Replica.Shard != shard || !watch.Leads || watch.Replica.Paxos.Promised <= replica.Paxos.Promised,
                    $"{node.Id} answers a read of {shard}, which {other} leads under a higher ballot");
            }
        }
    }

    /// <summary>A process is about to end.</summary>
    public void OnStop(SimulatedNode node)
    {
        foreach (Watch watch in _watches[node.Id])
        {
            if (watch.Leads && watch.Replica.Machine.Registers.Undecided.Count > 0)
            {
                world.Reach("leader ended with open votes");
            }
        }
    }

    /// <summary>A node has done a turn.</summary>
    public void AfterTurn(SimulatedNode node)
    {
        FollowReplicas(node, _watches[node.Id]);
        foreach (Watch watch in _watches[node.Id])
        {
            ShardReplica replica = watch.Replica;
            FollowRole(node, watch, replica);
            CheckLease(node, replica);
            world.Reach("read waited for a lease", replica.WaitsForLease && !watch.WaitsForLease ? 1 : 0);
            watch.WaitsForLease = replica.WaitsForLease;
            if (replica.Machine.Applied == watch.Applied)
            {
                continue;
            }

            world.Check(
                replica.Machine.Applied > watch.Applied,
                $"{node.Id} fell back from slot {watch.Applied} to {replica.Machine.Applied} of {replica.Shard}");
            world.Reach("snapshot installed", replica.SnapshotsInstalled - watch.Installed);
            world.Reach(
                "caught up by the log",
                replica.SnapshotsInstalled == watch.Installed
                    && replica.Machine.Applied.Value > watch.Applied.Value + CatchUpSlots ? 1 : 0);
            watch.Installed = replica.SnapshotsInstalled;
            for (Slot slot = watch.Applied.Next; slot <= replica.Machine.Applied; slot = slot.Next)
            {
                Applied(node, replica, slot);
            }

            watch.Applied = replica.Machine.Applied;
            CheckState(node, replica);
        }
    }

    /// <summary>At the end: no slot was applied unseen.</summary>
    public void CheckEnd()
    {
        foreach ((ShardId shard, ShardLog log) in _shards)
        {
            for (ulong slot = 1; slot <= log.Last; slot++)
            {
                world.Check(log.Chosen.ContainsKey(slot), $"nobody was seen applying slot {slot} of {shard}");
            }
        }
    }

    // A replica that was given up and is made again is bound by what it has promised.
    private void FollowReplicas(SimulatedNode node, List<Watch> watches)
    {
        IReadOnlyDictionary<ShardId, ShardReplica> held = node.Core!.Replicas;
        foreach (Watch watch in watches.FindAll(watch => held.GetValueOrDefault(watch.Replica.Shard) != watch.Replica))
        {
            watches.Remove(watch);
            world.Reach("replica given up");
        }

        foreach (ShardReplica replica in held.Values)
        {
            if (!watches.Exists(watch => watch.Replica == replica))
            {
                world.Reach(replica.Paxos.IsRelearning ? "replica made again" : "replica made");
                Begin(node, watches, replica);
            }
        }
    }

    private void Begin(SimulatedNode node, List<Watch> watches, ShardReplica replica)
    {
        watches.Add(new Watch(replica));
        CheckPromise(node, replica);
        CheckState(node, replica);
    }

    private void CheckPromise(SimulatedNode node, ShardReplica replica) => world.Check(
        replica.Paxos.IsRelearning || node.IsWiped
            || replica.Paxos.Promised >= _promised.GetValueOrDefault((node.Id, replica.Shard)),
        $"{node.Id} has forgotten what it had promised of {replica.Shard}");

    private ShardLog LogOf(ShardId shard)
    {
        if (!_shards.TryGetValue(shard, out ShardLog? log))
        {
            _shards[shard] = log = new ShardLog();
        }

        return log;
    }

    private void FollowRole(SimulatedNode node, Watch watch, ShardReplica replica)
    {
        if (replica.IsLeader && !watch.Leads)
        {
            world.Reach("leaderships");
            world.Check(!node.IsWiped, $"{node.Id} leads {replica.Shard} without its folder");
            world.Reach("leader change with open votes", replica.Machine.Registers.Undecided.Count > 0 ? 1 : 0);
        }

        watch.Leads = replica.IsLeader;
    }

    // Who may answer reads alone must be the newest leader that there is.
    private void CheckLease(SimulatedNode node, ShardReplica replica)
    {
        if (!replica.IsLeader || !replica.Paxos.HasLease)
        {
            return;
        }

        foreach ((NodeId other, List<Watch> watches) in _watches)
        {
            foreach (Watch watch in watches)
            {
                world.Check(
                    watch.Replica.Shard != replica.Shard || !watch.Leads
                        || watch.Replica.Paxos.Promised <= replica.Paxos.Promised,
                    $"{node.Id} has a lease of {replica.Shard}, which {other} leads under a higher ballot");
            }
        }
    }

    private void Applied(SimulatedNode node, ShardReplica replica, Slot slot)
    {
        if (replica.Paxos.EntryAt(slot) is not { } entry)
        {
            return;
        }

        byte[] value = entry.Value;
        value = world.Options.Tampering.Entry?.Invoke(node.Id, replica.Shard, slot, value) ?? value;
        ShardLog log = LogOf(replica.Shard);
        ulong hash = Hash64.Compute(value);
        if (log.Chosen.TryGetValue(slot.Value, out ulong chosen))
        {
            world.Check(
                hash == chosen, $"{node.Id} applied another value than others in slot {slot} of {replica.Shard}");
            return;
        }

        world.Trace.Add(TraceKind.Applied, world.Events.NowUs, node.Id.Value, replica.Shard.Value, hash);
        Entries++;
        log.Chosen.Add(slot.Value, hash);
        log.Last = ulong.Max(log.Last, slot.Value);
        CheckDurable(node, replica, slot, log.TakeSynced(slot.Value), hash);
        Decode(node, replica, value);
    }

    private void CheckDurable(
        SimulatedNode node, ShardReplica replica, Slot slot, SortedDictionary<NodeId, ulong>? synced, ulong hash)
    {
        int durable = 0;
        foreach (ulong value in synced?.Values ?? (IEnumerable<ulong>)[])
        {
            durable += value == hash ? 1 : 0;
        }

        Configuration governing = replica.Paxos.Membership.At(slot);
        world.Check(
            durable >= governing.Majority,
            $"{node.Id} applied slot {slot} of {replica.Shard}, "
                + $"which {durable} of {governing.Voters.Count} had synced");
    }

    private void Decode(SimulatedNode node, ShardReplica replica, byte[] value)
    {
        if (value.Length == 0)
        {
            world.Reach("hole filled");
            return;
        }

        if (Membership.IsEntry(value))
        {
            world.Reach("voters changed");
            return;
        }

        var reader = new ByteReader(value);
        reader.ReadByte();
        while (reader.Remaining > 0)
        {
            Command? command = Command.Read(ref reader);
            if (command is null)
            {
                world.Check(false, "an applied entry cannot be read");
                return;
            }

            world.Serial.OnApplied(replica.Shard, replica.Machine, command);
            if (command is FloorCommand && replica.Machine.Floor.PhysicalMs > node.Clock.WallMs)
            {
                world.Reach("floor above the clock");
            }
        }
    }

    private void CheckState(SimulatedNode node, ShardReplica replica)
    {
        ShardLog log = LogOf(replica.Shard);
        ulong slot = replica.Machine.Applied.Value;
        ulong hash = replica.Machine.StateHash;
        hash = world.Options.Tampering.State?.Invoke(node.Id, hash) ?? hash;
        if (!log.States.TryAdd(slot, hash))
        {
            world.Check(
                log.States[slot] == hash,
                $"{node.Id} is in another state than others after slot {slot} of {replica.Shard}");
        }
    }

    private sealed class Watch(ShardReplica replica)
    {
        public ShardReplica Replica { get; } = replica;

        public Slot Applied { get; set; } = replica.Machine.Applied;

        public long Installed { get; set; }

        public bool Leads { get; set; }

        public bool WaitsForLease { get; set; }
    }

    private sealed class ShardLog
    {
        private readonly Dictionary<ulong, SortedDictionary<NodeId, ulong>> _synced = [];

        public Dictionary<ulong, ulong> Chosen { get; } = [];

        public Dictionary<ulong, ulong> States { get; } = [];

        public ulong Last { get; set; }

        public SortedDictionary<NodeId, ulong> SyncedAt(ulong slot)
        {
            if (!_synced.TryGetValue(slot, out SortedDictionary<NodeId, ulong>? synced))
            {
                _synced[slot] = synced = [];
            }

            return synced;
        }

        public SortedDictionary<NodeId, ulong>? TakeSynced(ulong slot)
        {
            _synced.Remove(slot, out SortedDictionary<NodeId, ulong>? synced);
            return synced;
        }
    }
}
