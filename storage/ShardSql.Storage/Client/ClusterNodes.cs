using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Storage.Hosting;
using ShardSql.Storage.Nodes;

namespace ShardSql.Storage.Client;

/// <summary>The cluster as a gateway knows it, and its streams to the nodes; both follow the newest layout.</summary>
internal sealed class ClusterNodes : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly PeerHello _hello;
    private volatile State _state;
    private Task _leaving = Task.CompletedTask;

    public ClusterNodes(ClusterLayout layout, PeerHello hello)
    {
        _hello = hello;
        _state = new State(layout, Connect(layout, []));
    }

    public ClusterLayout Layout => _state.Layout;

    /// <summary>The streams to all nodes.</summary>
    public IEnumerable<NodeConnection> All => _state.Connections.Values;

    /// <summary>The stream to a node; null: it has left.</summary>
    public NodeConnection? Find(NodeId node) => _state.Connections.GetValueOrDefault(node);

    /// <summary>Takes a newer layout; an older or equal one changes nothing.</summary>
    public void Adopt(ClusterLayout layout)
    {
        lock (_gate)
        {
            if (layout.Version <= Layout.Version)
            {
                return;
            }

            Dictionary<NodeId, NodeConnection> before = _state.Connections;
            Dictionary<NodeId, NodeConnection> after = Connect(layout, before);
            _state = new State(layout, after);
            foreach ((NodeId id, NodeConnection connection) in before)
            {
                if (!after.ContainsKey(id))
                {
                    _leaving = Task.WhenAll(_leaving, connection.DisposeAsync().AsTask());
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (NodeConnection node in All)
        {
            await node.DisposeAsync().ConfigureAwait(false);
        }

        await _leaving.ConfigureAwait(false);
    }

    private Dictionary<NodeId, NodeConnection> Connect(
        ClusterLayout layout, Dictionary<NodeId, NodeConnection> before)
    {
        var connections = new Dictionary<NodeId, NodeConnection>();
        foreach (NodeAddress node in layout.Nodes)
        {
            connections.Add(node.Id, before.GetValueOrDefault(node.Id) ?? new NodeConnection(
                new NodeClient(node.Address, new GrpcClientOptions { MaxMessageBytes = StorageNode.FrameBytesMax }), _hello));
        }

        return connections;
    }

    private sealed record State(ClusterLayout Layout, Dictionary<NodeId, NodeConnection> Connections);
}
