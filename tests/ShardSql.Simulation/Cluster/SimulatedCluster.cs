using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Checks;
using ShardSql.Simulation.Cluster.Faults;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Simulation.Cluster.Jobs;
using ShardSql.Simulation.Cluster.Layouts;
using ShardSql.Simulation.Cluster.Moves;
using ShardSql.Simulation.Cluster.Nodes;
using ShardSql.Simulation.Cluster.Sql;
using ShardSql.Simulation.Cluster.Voters;
using ShardSql.Simulation.Cluster.Workloads;
using ShardSql.Storage.Nodes;

namespace ShardSql.Simulation.Cluster;

/// <summary>
/// A whole cluster on one thread, from one seed, in virtual time: real node cores, logs and recovery, over simulated
/// disks, network and clocks; gateways that commit as the real ones do; clients, faults, and checkers that look on. First
/// load under faults, then everything is healed, must come to rest, and is checked (studies/reliability.md §2).
/// </summary>
public sealed partial class SimulatedCluster
{
    private const uint FirstGateway = 101;
    private const int AnomaliesMax = 60;
    private const int AlikeMax = 3;
    private const int SqlChance = 500_000;
    private const int NodesOfLayouts = 4;

    private readonly Tally _faultTally = new();
    private readonly Tally _reached = new();
    private readonly Tally _outcomes = new();
    private readonly List<string> _anomalies = [];
    private readonly Tally _alike = new();
    private readonly List<SimulatedNode> _nodes = [];
    private readonly List<SimulatedGateway> _gateways = [];
    private readonly List<SimulatedClient> _clients = [];
    private readonly Prng _clientPrng;
    private readonly Prng _faultPrng;
    private int _processes;
    private ulong _gatewaySources;
    private ulong _ownSessions;

    private SimulatedCluster(ClusterOptions options)
    {
        Options = options;
        var root = new Prng(options.Seed);
        Knobs = ClusterKnobs.Draw(root.Fork(1));
        Knobs = options.Tune?.Invoke(Knobs) ?? Knobs;
        Trace = new ClusterTrace(options.Trace);
        Network = new SimulatedNetwork(Events, Trace, root.Fork(2), Knobs, _faultTally)
        {
            Tampering = options.Tampering.Message, IsFaulty = options.HasFaults,
        };
        Log = new LogOracle(this);
        Serial = new SerialOracle(this);
        WorkloadKinds drawn = root.Fork(8).Chance(SqlChance) ? WorkloadKinds.Both : WorkloadKinds.Rows;
        Workload = new MixedWorkload(Knobs.GroupsPerTable, options.Kinds ?? drawn, root.Fork(3));
        _faultPrng = root.Fork(4);
        Faults = new FaultInjector(this, root.Fork(5), _faultTally);
        HasJobs = options.Kinds == WorkloadKinds.Jobs;
        HasMoves = HasJobs || options.Kinds == WorkloadKinds.Moves;
        HasVoterChanges = options.Kinds == WorkloadKinds.Voters;
        HasLayoutChanges = options.Kinds == WorkloadKinds.Layouts;
        Knobs = HasLayoutChanges ? Knobs with { Nodes = int.Max(Knobs.Nodes, NodesOfLayouts), Replicas = 3 } : Knobs;
        Layout = CreateLayout(Knobs, HasMoves, HasVoterChanges);
        Prng machines = root.Fork(6);
        foreach (NodeAddress address in Layout.Nodes)
        {
            _nodes.Add(new SimulatedNode(this, address.Id, machines.Fork(address.Id.Value)));
        }

        for (uint i = 0; i < Knobs.Gateways; i++)
        {
            _gateways.Add(new SimulatedGateway(this, FirstGateway + i, machines.Fork(FirstGateway + i)));
        }

        _clientPrng = root.Fork(7);
        Sql = new SqlDatabase(Layout, root.Fork(9), HasMoves, HasJobs);
        Moves = new MoveDriver(this, root.Fork(10));
        Jobs = new JobDriver(this, root.Fork(12));
        Voters = new VoterDriver(this, root.Fork(11));
        Layouts = new LayoutDriver(this, root.Fork(13));
        Addresses = [.. _nodes.Select(node => node.Id.Value), .. _gateways.Select(gateway => gateway.Address)];
    }

    internal ClusterOptions Options { get; }

    internal ClusterKnobs Knobs { get; }

    internal EventQueue Events { get; } = new();

    internal ClusterTrace Trace { get; }

    internal SimulatedNetwork Network { get; }

    /// <summary>The newest; nodes follow.</summary>
    internal ClusterLayout Layout { get; set; }

    internal LogOracle Log { get; }

    internal SerialOracle Serial { get; }

    internal FaultInjector Faults { get; }

    internal MixedWorkload Workload { get; }

    /// <summary>The tables that programs in SQL use.</summary>
    internal SqlDatabase Sql { get; }

    internal IReadOnlyList<SimulatedNode> Nodes => _nodes;

    internal IReadOnlyList<SimulatedGateway> Gateways => _gateways;

    internal IReadOnlyList<uint> Addresses { get; }

    /// <summary>Whether segments move; then there is a system shard, too.</summary>
    internal bool HasMoves { get; }

    /// <summary>Asks for moves.</summary>
    internal MoveDriver Moves { get; }

    /// <summary>Whether the gateways' own jobs change tables, too.</summary>
    internal bool HasJobs { get; }

    /// <summary>Asks for jobs.</summary>
    internal JobDriver Jobs { get; }

    /// <summary>Whether voters are added and removed; then every node holds a replica of every shard.</summary>
    internal bool HasVoterChanges { get; }

    /// <summary>Asks for other voters and leaders.</summary>
    internal VoterDriver Voters { get; }

    /// <summary>Whether nodes are given replicas, and give them up.</summary>
    internal bool HasLayoutChanges { get; }

    /// <summary>Changes the layout.</summary>
    internal LayoutDriver Layouts { get; }

    /// <summary>The shards that hold users' rows.</summary>
    internal IEnumerable<ShardId> DataShards =>
        Layout.Shards.Select(placement => placement.Shard).Where(shard => shard != ShardId.System);

    /// <summary>Whether clients begin transactions.
    internal bool WantsLoad { get; private set; }

    /// <summary>Runs a seed.</summary>
    public static ClusterReport Run(ClusterOptions options)
    {
        var cluster = new SimulatedCluster(options);
        try
        {
            cluster.Run();
        }
        catch (AnomaliesException)
        {
            // What was found is in the report; the rest of the run would only repeat it.
        }
        catch (InvariantException broken)
        {
            cluster._anomalies.Add($"invariant: {broken.Message} {FirstFrames(broken)}");
        }
#pragma warning disable CA1031 // Whatever a seed ends with is that seed's anomaly, and the other seeds are run.
        catch (Exception unexpected)
#pragma warning restore CA1031
        {
            cluster._anomalies.Add(
                $"{unexpected.GetType().Name} (at {cluster.Events.NowUs} µs): {unexpected.Message} {FirstFrames(unexpected)}");
        }

        return cluster.Report();
    }

    internal static bool IsNode(uint address) => address < FirstGateway;

    internal int NextProcess() => ++_processes;

    /// <summary>A number that no gateway had before, as the system shard gives them out.</summary>
    internal ulong NextGatewaySource() => ++_gatewaySources;

    internal NodeOptions NodeOptionsOf(NodeId node, ClusterLayout layout, ulong source) => new()
    {
        Self = node,
        Layout = layout,
        StampSource = source,
        EntryBytesMax = Knobs.EntryBytesMax,
        InFlightMax = Knobs.InFlightMax,
        FlushRows = Knobs.FlushRows,
        LogSegmentsMax = Knobs.SegmentsMax,
        LogSlotsKept = Knobs.SlotsKept,
        SliceRows = Knobs.SliceRows,
        SnapshotRows = Knobs.SnapshotRows,
        StateChunkBytes = Knobs.StateChunkBytes,
        HorizonLagMs = Knobs.HorizonLagMs,
        CloseLagMs = Knobs.CloseLagMs,
        CloseEveryMs = Knobs.CloseEveryMs,
    };

    /// <summary>A rare state was reached.</summary>
    internal void Reach(string what, long times = 1)
    {
        if (times > 0)
        {
            _reached.Add(what, times);
        }
    }

    /// <summary>Something that always holds; where it does not, that is an anomaly. The run goes on, to show what comes of
    /// it; of those alike only the first are kept.</summary>
    internal void Check(bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] ref AnomalyText what)
    {
        if (!holds)
        {
            Found(what.ToStringAndClear());
        }
    }

    /// <inheritdoc cref="Check(bool, ref AnomalyText)"/>
    internal void Check(bool holds, string what)
    {
        if (!holds)
        {
            Found(what);
        }
    }

    private void Found(string what)
    {

        Trace.Say(TraceKind.Fault, Events.NowUs, what);
        string kind = new([.. what.Where(char.IsLetter)]);
        _alike.Add(kind);
        if (_alike.Counts[kind] <= AlikeMax)
        {
            _anomalies.Add($"{what} (at {Events.NowUs} µs)");
        }

        if (_anomalies.Count >= AnomaliesMax)
        {
            throw new AnomaliesException();
        }
    }

    /// <summary>A client's transaction has ended.</summary>
    internal void OnEnded(SimulatedClient client, ClientProgram program, TransactionEnd end)
    {
        _outcomes.Add($"{program.Workload}: {end.Outcome}");
        Trace.Say(
            TraceKind.Client, Events.NowUs,
            $"{client.Session}-{client.Sequence} {program.Workload} {end.Outcome} {end.Why} {end.Stamp}");
    }

    /// <summary>A session of a gateway's own, which no client has.</summary>
    internal UInt128 NextOwnSession() => ((UInt128)1 << 100) + ++_ownSessions;

    private static ClusterLayout CreateLayout(ClusterKnobs knobs, bool hasSystem, bool onAllNodes)
    {
        var nodes = new List<NodeAddress>();
        for (uint i = 1; i <= knobs.Nodes; i++)
        {
            nodes.Add(new NodeAddress(new NodeId(i), $"node{i}"));
        }

        var shards = new List<ShardPlacement>();
        for (int shard = hasSystem ? 0 : 1; shard <= knobs.Shards; shard++)
        {
            List<NodeId> members = [.. Enumerable.Range(0, knobs.Replicas)
                .Select(i => nodes[(shard + i) % knobs.Nodes].Id).Order()];
            IReadOnlyList<NodeId> hosts = onAllNodes ? [.. nodes.Select(node => node.Id)] : members;
            shards.Add(new ShardPlacement(new ShardId((uint)shard), hosts) { Founders = members });
        }

        return new ClusterLayout(new Guid(1, 2, 3, new byte[8]), nodes, shards);
    }

    private static string FirstFrames(Exception exception) => string.Join(
        " < ", (exception.StackTrace ?? "").Split('\n').Skip(1).Take(4).Select(frame => frame.Trim().Split(" in ")[0]));

    private ClusterReport Report() => new()
    {
        Seed = Options.Seed,
        TraceHash = Trace.Hash,
        VirtualMs = Events.NowUs / 1_000,
        Events = Events.Count,
        Transactions = Serial.Committed,
        Faults = _faultTally.Counts,
        Reached = _reached.Counts,
        Outcomes = _outcomes.Counts,
        Anomalies = _anomalies,
        Plan = [.. Faults.Plan.Select(fault => fault.ToString())],
    };

    /// <summary>Enough anomalies were found.</summary>
    private sealed class AnomaliesException : Exception
    {
    }
}
