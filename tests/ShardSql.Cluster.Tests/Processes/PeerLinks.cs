using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

namespace ShardSql.Cluster.Tests.Processes;

/// <summary>A proxy for each node's way to each other node. What a node says goes over the connections that it made, so
/// the two directions between two nodes can fail apart. Nodes count from 1.</summary>
internal sealed class PeerLinks : IAsyncDisposable
{
    private readonly SortedDictionary<(int From, int To), FaultProxy> _links = [];

    /// <summary>Links between nodes at addresses.</summary>
    public PeerLinks(IReadOnlyList<string> addresses)
    {
        for (int from = 1; from <= addresses.Count; from++)
        {
            for (int to = 1; to <= addresses.Count; to++)
            {
                if (from != to)
                {
                    _links.Add((from, to), new FaultProxy(addresses[to - 1]));
                }
            }
        }
    }

    /// <summary>Where one node finds another.</summary>
    public string AddressOf(int from, int to) => _links[(from, to)].Address;

    /// <summary>What a node says to others.</summary>
    public void SetFrom(int node, LinkFault fault) => Set(node, isFrom: true, fault);

    /// <summary>What others say to a node.</summary>
    public void SetTo(int node, LinkFault fault) => Set(node, isFrom: false, fault);

    /// <summary>All links.</summary>
    public void SetAll(LinkFault fault)
    {
        foreach (FaultProxy link in _links.Values)
        {
            link.Set(fault);
        }
    }

    /// <summary>Each link with its open connections and the bytes that have passed.</summary>
    public override string ToString() => string.Join(", ", _links.Select(link =>
        $"{link.Key.From}→{link.Key.To}: {link.Value.Traffic.Connections} open, {link.Value.Traffic.Bytes} bytes"));

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (FaultProxy link in _links.Values)
        {
            await link.DisposeAsync();
        }
    }

    private void Set(int node, bool isFrom, LinkFault fault)
    {
        foreach (((int from, int to), FaultProxy link) in _links)
        {
            if ((isFrom ? from : to) == node)
            {
                link.Set(fault);
            }
        }
    }
}
