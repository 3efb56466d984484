using System;
using System.Collections.Generic;
using System.Threading;

using ShardSql.Primitives;
using ShardSql.Storage.Nodes;

namespace ShardSql.Storage.Hosting;

/// <summary>The ways to the other nodes, as the layout names them. Belongs to the loop once that runs.</summary>
/// <param name="self">The node that sends.</param>
/// <param name="loop">Its loop.</param>
/// <param name="connect">Keeps a link connected until the token says that the node has left.</param>
internal sealed class PeerLinks(NodeId self, NodeLoop loop, Action<NodeAddress, OutLink, CancellationToken> connect)
    : INodeTransport, IDisposable
{
    private readonly Dictionary<NodeId, Peer> _peers = [];

    public void Send(NodeId to, ReadOnlySpan<byte> message)
    {
        if (_peers.TryGetValue(to, out Peer? peer))
        {
            peer.Link.Send(message);
        }
    }

    /// <summary>Connects to nodes that are new, and no more to those that have left.</summary>
    public void Follow(ClusterLayout layout)
    {
        var named = new HashSet<NodeId>();
        foreach (NodeAddress node in layout.Nodes)
        {
            named.Add(node.Id);
            if (node.Id != self && !_peers.ContainsKey(node.Id))
            {
                var peer = new Peer(loop.CreateLink(), new CancellationTokenSource());
                _peers.Add(node.Id, peer);
                connect(node, peer.Link, peer.Left.Token);
            }
        }

        foreach (NodeId gone in new List<NodeId>(_peers.Keys))
        {
            if (!named.Contains(gone) && _peers.Remove(gone, out Peer? peer))
            {
                peer.Left.Cancel();
                peer.Left.Dispose();
            }
        }
    }

    /// <summary>Gives up the tokens; whoever connects has ended.</summary>
    public void Dispose()
    {
        foreach (Peer peer in _peers.Values)
        {
            peer.Left.Dispose();
        }

        _peers.Clear();
    }

    private sealed record Peer(OutLink Link, CancellationTokenSource Left);
}
