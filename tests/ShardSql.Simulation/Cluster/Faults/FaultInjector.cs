using System.Collections.Generic;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Simulation.Cluster.Nodes;
using ShardSql.Storage.Nodes;

namespace ShardSql.Simulation.Cluster.Faults;

/// <summary>Lets the planned faults happen, and takes back what can be taken back; at the end all of it.</summary>
internal sealed partial class FaultInjector(SimulatedCluster world, Prng prng, Tally tally)
{
    private const long RestartMeanMs = 300;

    private IReadOnlyList<PlannedFault> _plan = [];
    private bool _isOver;

    public IReadOnlyList<PlannedFault> Plan => _plan;

    /// <summary>Whether things go wrong: from the first fault on until the heal.</summary>
    public bool IsActive => _plan.Count > 0 && !_isOver;

    public void Start(IReadOnlyList<PlannedFault> plan)
    {
        _plan = plan;
        foreach (PlannedFault fault in plan)
        {
            if (world.Options.SkipsFault?.Invoke(fault.Number) != true)
            {
                world.Events.After(fault.AtMs * 1_000, () => Happen(fault));
            }
        }
    }

    /// <summary>No more faults; whoever is down starts, whatever is cut is joined, clocks are set right.</summary>
    public void Heal()
    {
        _isOver = true;
        world.Network.Heal();
        foreach (SimulatedNode node in world.Nodes)
        {
            node.SlowDiskUs = 0;
            node.SetDiskFull(false);
            node.SetDiskNearlyFull(false);
            GiveFolderBack(node);
            node.Clock.OffsetMs = 0;
            if (node.Core is null)
            {
                node.Start();
            }
        }

        foreach (SimulatedGateway gateway in world.Gateways)
        {
            gateway.Clock.OffsetMs = 0;
            if (gateway.IsUp && HlcClock.IsTooFarAhead(gateway.Highest, gateway.Clock.WallMs))
            {
                // What it draws is refused everywhere until its clock is there; whoever looks after it starts it again.
                world.Reach("gateway restarted for its clock");
                gateway.Crash();
            }

            if (!gateway.IsUp)
            {
                gateway.Restart();
            }
        }
    }

    /// <summary>Starts a node again after a while, as whatever watches over processes would.</summary>
    public void RestartLater(SimulatedNode node) =>
        world.Events.After((10 + prng.Exponential(RestartMeanMs)) * 1_000, () =>
        {
            if (node.Core is null)
            {
                node.Start();
            }
        });

    private void Happen(PlannedFault fault)
    {
        if (_isOver)
        {
            return;
        }

        world.Trace.Say(TraceKind.Fault, world.Events.NowUs, fault.ToString());
        tally.Add(fault.Kind.ToString());
        SimulatedNode node = world.Nodes[(int)fault.Who - 1];
        switch (fault.Kind)
        {
            case FaultKind.PowerCut:
            case FaultKind.Kill:
                Stop(node, fault.Kind == FaultKind.PowerCut, fault.LengthMs);
                break;
            case FaultKind.PowerCutAll:
                foreach (SimulatedNode each in world.Nodes)
                {
                    Stop(each, losesUnsynced: true, fault.LengthMs);
                }

                break;
            case FaultKind.Pause:
                Pause(node, fault.LengthMs);
                break;
            case FaultKind.SlowDisk:
                node.SlowDiskUs = 20_000 + (prng.Next(400) * 1_000);
                Later(fault.LengthMs, () => node.SlowDiskUs = 0);
                break;
            case FaultKind.SyncFails:
                node.Disk.FailSync(prng.Next(4));
                break;
            case FaultKind.WriteFails:
                node.Disk.FailWrite(prng.Next(4), diskFull: prng.Chance(500_000));
                break;
            case FaultKind.ClockJumps:
                Jump(node);
                break;
            case FaultKind.GatewayCrash:
                Crash(world.Gateways[(int)(fault.Other % (uint)world.Gateways.Count)], fault.LengthMs);
                break;
            case FaultKind.Wipe:
                Wipe(node, fault.LengthMs);
                break;
            case FaultKind.DamageData:
                DamageData(node, damagesLog: fault.Other % 2 == 0, fault.LengthMs);
                break;
            case FaultKind.DiskNearlyFull:
                node.SetDiskNearlyFull(true);
                Later(fault.LengthMs, () => node.SetDiskNearlyFull(false));
                break;
            case FaultKind.DiskFull:
                node.SetDiskFull(true);
                Later(fault.LengthMs, () => node.SetDiskFull(false));
                break;
            case FaultKind.ForcedElection:
                node.OnLoop(core => Campaign(core, fault.Other));
                break;
            default:
                Cut(fault);
                break;
        }
    }

    private static void Pause(SimulatedNode node, long lengthMs)
    {
        if (node.Core is not null)
        {
            node.Pause(lengthMs * 1_000);
        }
    }

    private static void Campaign(NodeCore core, uint other)
    {
        List<ShardReplica> replicas = [.. core.Replicas.Values];
        if (replicas.Count > 0)
        {
            ShardReplica replica = replicas[(int)(other % (uint)replicas.Count)];
            if (!replica.Paxos.IsRelearning)
            {
                replica.Paxos.Campaign();
            }
        }
    }

    private void Stop(SimulatedNode node, bool losesUnsynced, long lengthMs)
    {
        if (node.Core is null)
        {
            return;
        }

        node.Stop(losesUnsynced);
        world.Events.After(lengthMs * 1_000, () =>
        {
            if (node.Core is null)
            {
                node.Start();
            }
        });
    }

    private void Crash(SimulatedGateway gateway, long lengthMs)
    {
        if (gateway.IsUp)
        {
            gateway.Crash();
            Later(lengthMs, () =>
            {
                if (!gateway.IsUp)
                {
                    gateway.Restart();
                }
            });
        }
    }

    private void Cut(PlannedFault fault)
    {
        List<(uint From, uint To)> links = [.. LinksOf(fault).Where(link => link.From != link.To)];
        if (fault.Kind == FaultKind.ClogLinks)
        {
            long untilUs = world.Events.NowUs + (fault.LengthMs * 1_000);
            links.ForEach(link => world.Network.Clog(link.From, link.To, untilUs));
            return;
        }

        links.ForEach(link => world.Network.Cut(link.From, link.To));
        Later(fault.LengthMs, () => links.ForEach(link => world.Network.Join(link.From, link.To)));
    }

    private IEnumerable<(uint From, uint To)> LinksOf(PlannedFault fault)
    {
        uint who = fault.Who;
        List<uint> others = [.. world.Addresses.Where(address => address != who)];
        switch (fault.Kind)
        {
            case FaultKind.IsolateNode:
                return others.SelectMany(other => Both(who, other));
            case FaultKind.CutIncoming:
                return others.Select(other => (other, who));
            case FaultKind.CutOutgoing:
                return others.Select(other => (who, other));
            case FaultKind.ClogLinks:
                return others.Select(other => (who, other)).Concat(others.Select(other => (other, who)));
            case FaultKind.CutGateway:
                uint gateway = world.Gateways[(int)(fault.Other % (uint)world.Gateways.Count)].Address;
                return Both(gateway, who);
            case FaultKind.SplitHalves:
                // Every address on one side or the other, by the fault's own numbers.
                ulong sides = Hash64.Combine((ulong)fault.Number, ((ulong)fault.Who << 32) | fault.Other);
                return from left in world.Addresses
                       from right in world.Addresses
                       where ((sides >> (int)(left % 61)) & 1) != ((sides >> (int)(right % 61)) & 1)
                       select (left, right);
            default:
                // One way or both, by the fault's number.
                return fault.Number % 3 == 0 ? [(who, fault.Other)] : Both(who, fault.Other);
        }
    }

    private static IEnumerable<(uint From, uint To)> Both(uint left, uint right) => [(left, right), (right, left)];

    private void Later(long lengthMs, System.Action action) => world.Events.After(lengthMs * 1_000, () =>
    {
        if (!_isOver)
        {
            action();
        }
    });
}
