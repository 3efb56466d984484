using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

using Google.Protobuf;

using ShardSql.Primitives;
using ShardSql.Protocol.Messages;
using ShardSql.Storage.Client;
using ShardSql.Storage.Files;
using ShardSql.Storage.Hosting;
using ShardSql.Storage.Messages;
using ShardSql.Storage.Nodes;
using ShardSql.Storage.Stores;
using ShardSql.Storage.Wal;

namespace ShardSql.Simulation.Cluster.Nodes;

/// <summary>
/// A machine with a storage node on it: the real core, log and recovery over a disk, a base store, a network and clocks
/// of the simulator. What it holds in memory ends with the process; what survives is up to the disk.
/// </summary>
internal sealed partial class SimulatedNode : INodeTransport
{
    private const string Folder = "data";
    private const string LayoutPath = Folder + "/layout";
    private const long TickUs = 20_000;
    private const long TurnAgainUs = 10;

    private readonly ClusterKnobs _knobs;
    private readonly Prng _prng;
    private readonly List<Action<NodeCore>> _arrivedInPause = [];
    private readonly List<Action> _diskInPause = [];
    private readonly Func<NodeTime> _readClock;
    private ClusterLayout _layout;
    private SimulatedLog? _log;
    private int _life;
    private long _pausedUntilUs;
    private long _wakeAtUs = long.MaxValue;
    private long _stallUs;

    public SimulatedNode(SimulatedCluster world, NodeId id, Prng prng)
    {
        World = world;
        _layout = world.Layout;
        Id = id;
        _knobs = world.Knobs;
        _prng = prng;
        Clock = new SimulatedClock(world.Events, prng, _knobs.WallSkewMs);
        _readClock = ReadClockAfterReading;
        _folder = NewFolder(prng.NextUInt64());
        world.Network.Attach(
            id.Value, (from, folder, message) => OnLoop(core => Receive(core, from, folder, message)));
    }

    public SimulatedCluster World { get; }

    public NodeId Id { get; }

    public SimulatedClock Clock { get; private set; }

    /// <summary>The node's core while it runs.</summary>
    public NodeCore? Core { get; private set; }

    public bool IsPaused => World.Events.NowUs < _pausedUntilUs;

    /// <summary>What a sync takes beside its usual time, µs: a slow disk.</summary>
    public long SlowDiskUs { get; set; }

    public long SyncDelayUs() => 50 + _prng.Exponential(_knobs.SyncMeanUs) + SlowDiskUs;

    public long StoreDelayUs() => 10 + _prng.Exponential(_knobs.StoreMeanUs) + SlowDiskUs;

    public long WordDelayUs() => 5 + _prng.Exponential(20);

    /// <summary>Starts the process: recovers what the disk holds.</summary>
    public void Start()
    {
        Invariant.Check(Core is null, "A process starts once.");
        int life = ++_life;
        if (IsDiskFull)
        {
            Disk.FailWrite(0, diskFull: true);
        }

        try
        {
            Recover();
        }
        catch (IOException)
        {
            Fail();
            return;
        }

        World.Trace.Add(TraceKind.Boot, World.Events.NowUs, Id.Value, 0, (ulong)life);
        World.Log.OnStart(this);
        After(_prng.Next((int)TickUs), Tick);
        Turn();
    }

    /// <summary>Ends the process. With the power fails what the disk had not synced.</summary>
    public void Stop(bool losesUnsynced)
    {
        if (Core is not null)
        {
            World.Log.OnStop(this);
        }

        Core = null;
        _log = null;
        _relearnedAt = null;
        _life++;
        _pausedUntilUs = 0;
        _wakeAtUs = long.MaxValue;
        _arrivedInPause.Clear();
        _diskInPause.Clear();
        Disk.ClearFaults();
        if (losesUnsynced)
        {
            Disk.Crash(_prng);
            Store.Crash(_prng);
            long offset = Clock.OffsetMs;
            Clock = new SimulatedClock(World.Events, _prng, 0) { OffsetMs = offset };
        }
    }

    /// <summary>Stops the process for a while, its clocks run on; then it does all at once what has come meanwhile.</summary>
    public void Pause(long us)
    {
        _pausedUntilUs = long.Max(_pausedUntilUs, World.Events.NowUs + us);
        After(us, Resume);
    }

    /// <summary>Does something in the node's loop, now or when its pause is over.</summary>
    public void OnLoop(Action<NodeCore> action)
    {
        if (Core is not { } core)
        {
            return;
        }

        if (IsPaused)
        {
            _arrivedInPause.Add(action);
            return;
        }

        core.SetTime(Clock.Now);
        action(core);
        Turn();
    }

    /// <summary>Does something in a thread of the disk after a while. An error there ends the node.</summary>
    public void OnDisk(long delayUs, Action action) => After(delayUs, () =>
    {
        if (IsPaused)
        {
            _diskInPause.Add(action);
            return;
        }

        try
        {
            action();
        }
        catch (IOException)
        {
            Fail();
        }
    });

    public void Send(NodeId to, ReadOnlySpan<byte> message)
    {
        // No stream is made to a node that is not recognized.
        if (Recognizes(to, World.Nodes[(int)to.Value - 1].DataId))
        {
            World.Log.OnSent(this, message);
            World.Network.Send(Id.Value, to.Value, message, DataId);
        }
    }

    /// <summary>Takes a layout, if the process runs and has an older one; durably first.</summary>
    public void Adopt(ClusterLayout layout)
    {
        if (Core is not { } core || IsPaused || layout.Version <= core.Layout.Version)
        {
            return;
        }

        try
        {
            SmallFile.Write(Files, LayoutPath, layout.ToDescription().ToByteArray());
        }
        catch (IOException)
        {
            Fail();
            return;
        }

        OnLoop(core => core.Adopt(layout));
    }

    private void After(long delayUs, Action action)
    {
        int life = _life;
        World.Events.After(delayUs, () =>
        {
            if (life == _life)
            {
                action();
            }
        });
    }

    private void Recover()
    {
        _layout = SmallFile.Read(Files, LayoutPath) is { } kept
            ? ClusterLayout.FromDescription(ClusterDescription.Parser.ParseFrom(kept))
            : World.Layout;
        NodeBirth birth = NodeBirth.Start(Files, Folder, Id, _folder.Name);
        DataId = birth.DataId;
        _peers = new KnownPeers(Files, Folder);
        Task<NodeData> opening = NodeData.OpenAsync(Files, DataOptions, _folder.StorePlace, CancellationToken.None);
        Invariant.Check(opening.IsCompleted, "Memory does not wait.");
        NodeData data = opening.GetAwaiter().GetResult();
        TellDamage(data);
        var accepted = new List<AcceptedRecord>();
        WalRecovery.Scan(Files, Path.Combine(Folder, NodeLog.NameOf(Files, Folder)), Identity, record =>
        {
            if (AcceptedRecord.Of(record.Shard, record.Kind, record.Payload) is { } found)
            {
                accepted.Add(found);
            }
        });
        // What a killed process had written and not synced is synced by now.
        World.Log.OnDurable(Id, accepted);
        _log = new SimulatedLog(this, data.TakeLog());
        Core = new NodeCore(
            World.NodeOptionsOf(Id, _layout, birth.StampSource), _log, new SimulatedStore(this, Store), this, data.Recovered,
            new Prng(_prng.NextUInt64()), Clock.Now) { IsDiskFull = IsDiskNearlyFull };
    }

    private void Tick()
    {
        if (!IsPaused)
        {
            OnLoop(core => core.Tick(Clock.Now));
        }

        After(TickUs, Tick);
    }

    private void Resume()
    {
        if (IsPaused || Core is not { } core)
        {
            return;
        }

        Action[] disk = [.. _diskInPause];
        _diskInPause.Clear();
        foreach (Action action in disk)
        {
            OnDisk(0, action);
        }

        Action<NodeCore>[] arrived = [.. _arrivedInPause];
        _arrivedInPause.Clear();
        core.SetTime(Clock.Now);
        foreach (Action<NodeCore> action in arrived)
        {
            action(core);
        }

        core.Tick(Clock.Now);
        Turn();
    }

    private void Turn()
    {
        NodeCore core = Core!;
        core.Turn(_readClock);
        if (_stallUs > 0)
        {
            World.Reach("stall before an answer");
            Pause(_stallUs);
            _stallUs = 0;
        }

        World.Log.AfterTurn(this);
        FollowRepair(core);
        _log!.Pump();
        if (core.HasWork)
        {
            WakeAt(World.Events.NowUs + TurnAgainUs);
        }

        if (core.NextTurnUs != long.MaxValue)
        {
            WakeAt(World.Events.NowUs + long.Max(core.NextTurnUs - core.Now.MonotonicUs, 1));
        }
    }

    private void WakeAt(long atUs)
    {
        if (atUs >= _wakeAtUs)
        {
            return;
        }

        _wakeAtUs = atUs;
        After(atUs - World.Events.NowUs, () =>
        {
            if (_wakeAtUs == atUs)
            {
                _wakeAtUs = long.MaxValue;
                OnLoop(_ => { });
            }
        });
    }

    // Between what was read and its answer the process may be stopped: by a collector, or by whoever shares its machine.
    private NodeTime ReadClockAfterReading()
    {
        if (World.Faults.IsActive && _prng.Chance(_knobs.Stalls))
        {
            _stallUs = 20_000 + _prng.Exponential(_knobs.StallMeanUs);
        }

        return Clock.After(_stallUs);
    }

    // The process ends of itself, acknowledges nothing more, and is started again by whoever watches it.
    private void Fail()
    {
        World.Reach("node ended by its disk");
        Stop(losesUnsynced: false);
        World.Faults.RestartLater(this);
    }

    /// <summary>The way back to whoever sent a message.</summary>
    private sealed class ReplyLink(SimulatedNode node, uint to, ShardId? read) : IPeerLink
    {
        public void Send(ReadOnlySpan<byte> message)
        {
            bool isAnswer = read is not null && ShowsRows(message);
            if (node._stallUs == 0)
            {
                Leave(message, isAnswer);
                return;
            }

            byte[] later = message.ToArray();
            node.After(node._stallUs, () => Leave(later, isAnswer));
        }

        // A refusal shows nothing that could be old.
        private static bool ShowsRows(ReadOnlySpan<byte> message)
        {
            var reader = new ByteReader(message);
            if ((StorageMessageKind)reader.ReadByte() != StorageMessageKind.Response)
            {
                return false;
            }

            _ = reader.ReadVarint(); // What it answers.
            return FragmentCodec.ReadReply(ref reader).Status == ReplyStatus.Ok;
        }

        private void Leave(ReadOnlySpan<byte> message, bool isAnswer)
        {
            if (isAnswer)
            {
                node.World.Log.OnReadAnswered(node, read!.Value);
            }

            node.World.Network.Send(node.Id.Value, to, message);
        }
    }
}
