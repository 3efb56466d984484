using System;
using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Storage.Client;
using ShardSql.Storage.Messages;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Cluster.Gateways;

/// <summary>An answer, or that there was none in time; the request may have done its work all the same.</summary>
/// <param name="answer">Body of the response; null: none.</param>
/// <param name="from">Which node gave it.</param>
internal delegate void OnAnswer(byte[]? answer, NodeId from);

/// <summary>
/// A gateway of the simulator: its clock, what it knows of leaders, and requests that are sent again until somebody who
/// leads answers them. Everything in it ends when it crashes.
/// </summary>
internal sealed class SimulatedGateway
{
    private const long PatienceUs = 400_000;
    private const long PauseMinUs = 2_000;
    private const long PauseMaxUs = 50_000;
    private const long ReportUs = 1_000_000;

    private readonly Prng _prng;
    private readonly Dictionary<ShardId, NodeId> _leaders = [];
    private readonly Dictionary<ulong, Asking> _asking = [];
    private readonly SortedSet<(HlcTimestamp Begin, long Number)> _snapshots = [];
    private HlcClock _clock;
    private ulong _source;
    private ulong _correlation;
    private long _number;
    private int _life;

    public SimulatedGateway(SimulatedCluster world, uint address, Prng prng)
    {
        World = world;
        Address = address;
        _prng = prng;
        Clock = new SimulatedClock(world.Events, prng, world.Knobs.WallSkewMs);
        _clock = null!;
        Begin();
        world.Network.Attach(address, (_, _, message) => Receive(message));
    }

    public SimulatedCluster World { get; }

    public uint Address { get; }

    public SimulatedClock Clock { get; }

    public bool IsUp { get; private set; } = true;

    /// <summary>Those who are told when it crashes.</summary>
    public event Action? Lost;

    /// <summary>The highest stamp drawn or seen.</summary>
    public HlcTimestamp Highest => _clock.Highest;

    public HlcTimestamp NextStamp() => _clock.Next(Clock.WallMs);

    public void Merge(HlcTimestamp seen) => _clock.Merge(seen);

    /// <summary>Ends the process: nobody is told anything more.</summary>
    public void Crash()
    {
        IsUp = false;
        _life++;
        _asking.Clear();
        _leaders.Clear();
        _snapshots.Clear();
        Action? lost = Lost;
        Lost = null;
        lost?.Invoke();
    }

    /// <summary>Starts again, as another source of stamps.</summary>
    public void Restart()
    {
        IsUp = true;
        Begin();
    }

    /// <summary>Holds a snapshot that is read at.</summary>
    public (HlcTimestamp Begin, long Number) Hold(HlcTimestamp begin)
    {
        (HlcTimestamp, long) held = (begin, ++_number);
        _snapshots.Add(held);
        return held;
    }

    public void Release((HlcTimestamp Begin, long Number) held) => _snapshots.Remove(held);

    /// <summary>Does something after a while, unless the gateway is lost until then.</summary>
    public void After(long delayUs, Action action)
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

    /// <summary>Asks the leader of a shard, whoever that is, again and again within a time.</summary>
    public void Ask(ShardId shard, RequestKind kind, Action<ByteWriter> body, long timeoutUs, OnAnswer then)
    {
        var writer = new ByteWriter();
        writer.WriteVarint(shard.Value);
        writer.WriteByte((byte)kind);
        body(writer);
        Try(new Asking(shard, writer.ToArray(), World.Events.NowUs + timeoutUs, then));
    }

    /// <summary>Asks one node once.</summary>
    public void AskOnce(
        NodeId node, ShardId shard, RequestKind kind, Action<ByteWriter> body, OnAnswer then)
    {
        var writer = new ByteWriter();
        writer.WriteVarint(shard.Value);
        writer.WriteByte((byte)kind);
        body(writer);
        Try(new Asking(shard, writer.ToArray(), World.Events.NowUs, then) { Only = node });
    }

    /// <summary>Tells a participant all votes.</summary>
    public void Decide(ShardId shard, DecideNotice notice)
    {
        var writer = new ByteWriter();
        writer.WriteByte((byte)StorageMessageKind.Decide);
        writer.WriteByte(0);
        writer.WriteVarint(shard.Value);
        CommitCodec.Write(writer, notice);
        NodeId leader = _leaders.GetValueOrDefault(shard, World.Layout.MembersOf(shard)[0]);
        World.Network.Send(Address, leader.Value, writer.WrittenSpan);
    }

    private void Begin()
    {
        _source = World.NextGatewaySource();
        _clock = new HlcClock(_source);
        After(ReportUs, Report);
    }

    private void Report()
    {
        var writer = new ByteWriter();
        writer.WriteByte((byte)StorageMessageKind.OldestSnapshot);
        writer.WriteUInt64(_source);
        writer.WriteStamp(_snapshots.Count > 0 ? _snapshots.Min.Begin : HlcTimestamp.Infinity);
        foreach (Storage.Nodes.NodeAddress node in World.Layout.Nodes)
        {
            World.Network.Send(Address, node.Id.Value, writer.WrittenSpan);
        }

        After(ReportUs, Report);
    }

    private void Try(Asking asking)
    {
        IReadOnlyList<NodeId> members = World.Layout.MembersOf(asking.Shard);
        NodeId node = asking.Only
            ?? _leaders.GetValueOrDefault(asking.Shard, members[asking.Attempts++ % members.Count]);
        asking.Asked = node;
        ulong correlation = ++_correlation;
        _asking.Add(correlation, asking);
        var writer = new ByteWriter();
        writer.WriteByte((byte)StorageMessageKind.Request);
        writer.WriteVarint(correlation);
        writer.WriteRaw(asking.Body);
        World.Network.Send(Address, node.Value, writer.WrittenSpan);
        After(PatienceUs, () =>
        {
            if (_asking.Remove(correlation))
            {
                ForgetLeader(asking.Shard, node);
                TryAgain(asking, node);
            }
        });
    }

    private void TryAgain(Asking asking, NodeId asked)
    {
        if (World.Events.NowUs >= asking.DeadlineUs)
        {
            asking.Then(null, asked);
            return;
        }

        After(asking.PauseUs / 2 + _prng.Next((int)asking.PauseUs), () => Try(asking));
        asking.PauseUs = long.Min(asking.PauseUs * 2, PauseMaxUs);
    }

    private void ForgetLeader(ShardId shard, NodeId node)
    {
        if (_leaders.GetValueOrDefault(shard) == node)
        {
            _leaders.Remove(shard);
        }
    }

    private void Receive(byte[] message)
    {
        var reader = new ByteReader(message);
        var kind = (StorageMessageKind)reader.ReadByte();
        ulong correlation = reader.ReadVarint();
        if (!IsUp || !_asking.Remove(correlation, out Asking? asking))
        {
            return;
        }

        NodeId from = asking.Asked;
        if (kind == StorageMessageKind.NotLeader)
        {
            reader.ReadVarint();
            var leader = new NodeId(reader.ReadVarint32());
            ForgetLeader(asking.Shard, from);
            if (leader != default && leader != from)
            {
                _leaders[asking.Shard] = leader;
            }

            TryAgain(asking, from);
            return;
        }

        Invariant.Check(kind == StorageMessageKind.Response, "A gateway is sent answers.");
        _leaders[asking.Shard] = from;
        asking.Then(reader.Rest.ToArray(), from);
    }

    /// <summary>A request that wants its answer.</summary>
    private sealed class Asking(ShardId shard, byte[] body, long deadlineUs, OnAnswer then)
    {
        public ShardId Shard { get; } = shard;

        public byte[] Body { get; } = body;

        public long DeadlineUs { get; } = deadlineUs;

        public OnAnswer Then { get; } = then;

        public NodeId? Only { get; init; }

        public NodeId Asked { get; set; }

        public int Attempts { get; set; }

        public long PauseUs { get; set; } = PauseMinUs;
    }
}
