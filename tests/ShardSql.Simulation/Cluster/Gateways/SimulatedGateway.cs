using System;
using System.Collections.Generic;
using System.Threading.Tasks;

using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Stamps;
using ShardSql.Gateway.Statements;
using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Jobs;
using ShardSql.Simulation.Cluster.Moves;
using ShardSql.Storage.Client;
using ShardSql.Storage.Messages;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Cluster.Gateways;

/// <summary>An answer, or that there was none in time; the request may have done its work all the same.</summary>
/// <param name="answer">Body of the response; null: none.</param>
/// <param name="from">Which node gave it.</param>
/// <param name="wasSent">Whether an earlier sending got no answer, so that it may still be run.</param>
internal delegate void OnAnswer(byte[]? answer, NodeId from, bool wasSent);

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
    private SnapshotRegistry _snapshots;
    private StampSource _stamps;
    private BackgroundWork _background;
    private ulong _correlation;

    public SimulatedGateway(SimulatedCluster world, uint address, Prng prng)
    {
        World = world;
        Address = address;
        _prng = prng;
        Clock = new SimulatedClock(world.Events, prng, world.Knobs.WallSkewMs);
        Life = null!;
        _snapshots = null!;
        _stamps = null!;
        _background = null!;
        Time = null!;
        Begin();
        world.Network.Attach(address, (_, _, message) => Life.Run(() => Receive(message)));
    }

    public SimulatedCluster World { get; }

    public uint Address { get; }

    public SimulatedClock Clock { get; }

    public bool IsUp { get; private set; } = true;

    /// <summary>Those who are told when it crashes.</summary>
    public event Action? Lost;

    /// <summary>The process.</summary>
    public GatewayLife Life { get; private set; }

    /// <summary>The process's clocks and timers.</summary>
    public VirtualTime Time { get; private set; }

    /// <summary>Its catalog and jobs, where segments move.</summary>
    public GatewayWork? Moves { get; private set; }

    /// <summary>All parts of the gateway, where its own jobs change tables.</summary>
    public GatewayJobs? Jobs => Moves as GatewayJobs;

    /// <summary>The highest stamp drawn or seen.</summary>
    public HlcTimestamp Highest => _stamps.Highest;

    public void Merge(HlcTimestamp seen) => _stamps.Merge(seen);

    /// <summary>Draws a snapshot and holds it.</summary>
    public SnapshotRegistry.Lease OpenSnapshot() => _snapshots.Open(_stamps);

    public OutcomeResolver ResolverOver(SimulatedShardClient client) => new(client, _stamps, Time);

    public Committer CommitterOver(SimulatedShardClient client, OutcomeResolver resolver) => new(
        client, _stamps, Time, resolver, _background, refresh: Moves is null ? null : _ => Moves.NewestAsync());

    /// <summary>Runs plans of statements as the gateway does.</summary>
    public PlanRunner RunnerOver(IShardClient client) => new(
        client, _stamps, _background, static (_, _, _) => throw new NotSupportedException("No table of the gateway's own."));

    /// <summary>Starts asynchronous work of the process.</summary>
    public void Start(Func<Task> work) => Life.Start(work);

    /// <summary>Ends the process: nobody is told anything more.</summary>
    public void Crash()
    {
        IsUp = false;
        Life.End();
        _asking.Clear();
        _leaders.Clear();
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

    /// <summary>Does something after a while, unless the gateway is lost until then.</summary>
    public void After(long delayUs, Action action) => Life.After(delayUs, action);

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

    /// <summary>Tells a node that a cursor is not read any further.</summary>
    public void CloseCursor(NodeId node, ShardId shard, ulong cursor)
    {
        var writer = new ByteWriter();
        writer.WriteByte((byte)StorageMessageKind.CloseCursor);
        writer.WriteVarint(shard.Value);
        writer.WriteVarint(cursor);
        World.Network.Send(Address, node.Value, writer.WrittenSpan);
    }

    private void Begin()
    {
        Life = new GatewayLife(World);
        Time = new VirtualTime(World, Clock, Life);
        var jobs = World.HasJobs ? new GatewayJobs(this, Time) : null;
        _stamps = jobs?.All.Stamps ?? new StampSource(World.NextGatewaySource(), Time);
        _snapshots = jobs?.All.Snapshots ?? new SnapshotRegistry();
        _background = new BackgroundWork(Life.Break);
        After(ReportUs, Report);
        if (World.HasMoves)
        {
            Moves = jobs is null ? new GatewayMoves(this, _stamps, _snapshots, _background, Time) : jobs;
            Start(Moves.RunAsync);
        }
    }

    private void Report()
    {
        var writer = new ByteWriter();
        writer.WriteByte((byte)StorageMessageKind.OldestSnapshot);
        writer.WriteUInt64(_stamps.Source);
        writer.WriteStamp(_snapshots.Oldest(_stamps));
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
                asking.WasSent = true;
                ForgetLeader(asking.Shard, node);
                TryAgain(asking, node);
            }
        });
    }

    private void TryAgain(Asking asking, NodeId asked)
    {
        if (World.Events.NowUs >= asking.DeadlineUs)
        {
            asking.Then(null, asked, asking.WasSent);
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
            asking.WasSent |= reader.ReadBoolean();
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
        asking.Then(reader.Rest.ToArray(), from, asking.WasSent);
    }

    /// <summary>A request that wants its answer.</summary>
    private sealed class Asking(ShardId shard, byte[] body, long deadlineUs, OnAnswer then)
    {
        public ShardId Shard { get; } = shard;

        public byte[] Body { get; } = body;

        public long DeadlineUs { get; } = deadlineUs;

        public OnAnswer Then { get; } = then;

        public NodeId? Only { get; init; }

        public bool WasSent { get; set; }

        public NodeId Asked { get; set; }

        public int Attempts { get; set; }

        public long PauseUs { get; set; } = PauseMinUs;
    }
}
