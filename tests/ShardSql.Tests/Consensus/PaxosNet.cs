using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

using ShardSql.Consensus;
using ShardSql.Primitives;

namespace ShardSql.Tests.Consensus;

/// <summary>A message on its way.</summary>
internal sealed record InFlight(NodeId From, NodeId To, PaxosMessage Message);

/// <summary>
/// A group of replicas, its disks and its network in the hands of a test: nothing is sent, synced, lost or restarted
/// unless the test says so.
/// </summary>
internal sealed class PaxosNet
{
    private const int DeliveriesMax = 20_000;

    private readonly SortedDictionary<NodeId, PaxosHost> _hosts = [];
    private readonly SortedSet<(NodeId From, NodeId To)> _cuts = [];

    public PaxosNet(int nodes, Func<PaxosOptions, PaxosOptions>? configure = null)
    {
        List<NodeId> members = [.. Enumerable.Range(1, nodes).Select(i => new NodeId((uint)i))];
        foreach (NodeId node in members)
        {
            var options = new PaxosOptions { Self = node, Founders = members };
            _hosts.Add(node, new PaxosHost(configure?.Invoke(options) ?? options));
        }
    }

    public List<InFlight> Messages { get; } = [];

    public List<InFlight> Log { get; } = [];

    public List<InFlight> Sent { get; } = [];

    public PaxosHost this[int node] => _hosts[new NodeId((uint)node)];

    public IEnumerable<PaxosHost> Hosts => _hosts.Values;

    public void Cut(int from, int to) => _cuts.Add((new NodeId((uint)from), new NodeId((uint)to)));

    /// <summary>Cuts a replica off from all others; what is on its way is lost.</summary>
    public void CutOff(int node)
    {
        foreach (PaxosHost other in Hosts)
        {
            Cut(node, (int)other.Self.Value);
            Cut((int)other.Self.Value, node);
        }

        Messages.Clear();
    }

    public void Heal() => _cuts.Clear();

    /// <summary>Takes what the replicas want done; synced records let their messages go.</summary>
    public void Collect()
    {
        foreach (PaxosHost host in _hosts.Values)
        {
            foreach (PaxosOutgoing outgoing in host.Take())
            {
                var message = new InFlight(host.Self, outgoing.To, outgoing.Message);
                Messages.Add(message);
                Sent.Add(message);
            }
        }
    }

    public void Deliver(InFlight message)
    {
        Messages.Remove(message);
        Log.Add(message);
        if (!_cuts.Contains((message.From, message.To)))
        {
            _hosts[message.To].Replica?.Step(message.From, message.Message);
            Collect();
        }
    }

    /// <summary>Delivers until nothing is on its way.</summary>
    public void Stabilize()
    {
        Collect();
        for (int i = 0; Messages.Count > 0; i++)
        {
            if (i == DeliveriesMax)
            {
                throw new InvalidOperationException("The group does not come to rest.");
            }

            Deliver(Messages[0]);
        }
    }

    public void Tick(long milliseconds)
    {
        foreach (PaxosHost host in _hosts.Values)
        {
            host.Tick(milliseconds);
        }

        Collect();
    }

    public void Lead(int node)
    {
        this[node].Replica!.Campaign();
        Stabilize();
    }

    public Slot Propose(int node, string value)
    {
        Slot slot = this[node].Replica!.Propose(Encoding.UTF8.GetBytes(value));
        Collect();
        return slot;
    }

    /// <summary>Drops and gives what is on its way and matches.</summary>
    public List<InFlight> Take(Func<InFlight, bool> which)
    {
        List<InFlight> taken = [.. Messages.Where(which)];
        Messages.RemoveAll(taken.Contains);
        return taken;
    }
}
