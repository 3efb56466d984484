using System;
using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Storage.Messages;

namespace ShardSql.Storage.Nodes;

/// <summary>Requests and messages on their way to whoever leads a shard.</summary>
public sealed partial class NodeCore
{
    private const byte HopsMax = 2;

    private readonly Queue<byte[]> _toSelf = new();
    private uint _rotation;

    /// <summary>Sends a message to whoever leads a shard: kind, hops, shard, body. May be lost.</summary>
    internal void SendToLeader(ShardId shard, ReadOnlySpan<byte> message)
    {
        NodeId to = LeaderOf(shard);
        if (to == Options.Self)
        {
            _toSelf.Enqueue(message.ToArray());
        }
        else if (to != default)
        {
            Transport.Send(to, message);
        }
    }

    private NodeId LeaderOf(ShardId shard)
    {
        if (_replicas.TryGetValue(shard, out ShardReplica? replica) && replica.Leader is var leader && leader != default)
        {
            return leader;
        }

        IReadOnlyList<NodeId> members = Layout.MembersOf(shard);
        return members.Count == 0 ? default : members[(int)(_rotation++ % (uint)members.Count)];
    }

    private void ReceiveRequest(IPeerLink link, ref ByteReader reader)
    {
        ulong correlation = reader.ReadVarint();
        var shard = new ShardId(reader.ReadVarint32());
        var kind = (RequestKind)reader.ReadByte();
        if (reader.Failed)
        {
            return;
        }

        if (!_replicas.TryGetValue(shard, out ShardReplica? replica) || !replica.IsLeader)
        {
            SendNotLeader(link, correlation, shard, replica?.Leader ?? default, begun: false);
            return;
        }

        replica.ReceiveRequest(kind, link, correlation, ref reader);
    }

    /// <summary>Says that another leads the shard. A request that was begun here may have had its effect.</summary>
    internal void SendNotLeader(IPeerLink link, ulong correlation, ShardId shard, NodeId leader, bool begun)
    {
        _encoded.Clear();
        _encoded.WriteByte((byte)StorageMessageKind.NotLeader);
        _encoded.WriteVarint(correlation);
        _encoded.WriteVarint(shard.Value);
        _encoded.WriteVarint(leader.Value);
        _encoded.WriteBoolean(begun);
        link.Send(_encoded.WrittenSpan);
    }

    // Votes, queries, reports and decisions go to a shard's leader; a node that is not it hands them on a few times.
    private void ReceiveForLeader(ReadOnlySpan<byte> message)
    {
        var reader = new ByteReader(message);
        var kind = (StorageMessageKind)reader.ReadByte();
        byte hops = reader.ReadByte();
        var shard = new ShardId(reader.ReadVarint32());
        if (reader.Failed)
        {
            DroppedMessages++;
        }
        else if (_replicas.TryGetValue(shard, out ShardReplica? replica) && replica.IsLeader)
        {
            replica.ReceiveForLeader(kind, ref reader);
            DroppedMessages += reader.Failed ? 1 : 0;
        }
        else if (hops < HopsMax)
        {
            byte[] onward = message.ToArray();
            onward[1]++;
            SendToLeader(shard, onward);
        }
    }

    private bool ReceiveFromSelf()
    {
        bool any = _toSelf.Count > 0;
        for (int count = _toSelf.Count; count > 0; count--)
        {
            ReceiveForLeader(_toSelf.Dequeue());
        }

        return any;
    }
}
