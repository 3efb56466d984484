using System;
using System.Buffers.Binary;
using System.Collections.Generic;

using ShardSql.Consensus;
using ShardSql.Primitives;
using ShardSql.Storage.Messages;
using ShardSql.Storage.Nodes;
using ShardSql.Storage.Wal;

namespace ShardSql.Simulation.Directed;

/// <summary>The first node of three; what the others say is given to it by hand. Its log is a list, and durable when
/// that is said; each sync ends a segment.</summary>
internal sealed class LoneReplica : INodeLog, INodeTransport, IPeerLink
{
    /// <summary>Its shard.</summary>
    public static readonly ShardId Shard = new(1);

    private readonly NodeCore _core;
    private ClusterLayout _layout;
    private readonly List<ulong> _segments = [];
    private ulong _appended;
    private ulong _segment;
    private long _nowMs;

    public LoneReplica()
    {
        NodeId[] members = [new(1), new(2), new(3)];
        _layout = new ClusterLayout(
            Guid.Empty, Array.ConvertAll(members, node => new NodeAddress(node, $"{node}")),
            [new ShardPlacement(Shard, members)]);
        _core = new NodeCore(
            new NodeOptions { Self = members[0], Layout = _layout, StampSource = 1, FlushRows = 0 },
            this, Store, this, new NodeRecovery(), new Prng(1), default);
    }

    public HeldStore Store { get; } = new();

    /// <summary>What it has given to its log, less what that was cut by.</summary>
    public List<PaxosRecord> Records { get; } = [];

    public bool IsCut => (ulong)Records.Count < _appended;

    public ShardReplica Replica => _core.Replicas[Shard];

    /// <summary>Takes the replica from its node, or gives it back.</summary>
    public void Adopt(bool holds)
    {
        NodeId[] others = [new(2), new(3)];
        _layout = _layout with
        {
            Version = _layout.Version + 1,
            Shards = [_layout.Shards[0] with { Members = holds ? [new(1), .. others] : others }],
        };
        _core.Adopt(_layout);
    }

    /// <summary>All that was given to the log is synced.</summary>
    public void Sync() => _core.OnDurable(_appended, new LogPosition(++_segment, 0));

    public void Tick()
    {
        _nowMs++;
        _core.Tick(new NodeTime(_nowMs, _nowMs * 1_000, _nowMs));
        _core.Turn(() => _core.Now);
    }

    public void Send(NodeId from, ulong id, ulong part, ulong slot, bool last, bool state, byte[] content) =>
        Take(from, Part(id, part, slot, last, state, content));

    public void Take(NodeId from, byte[] message)
    {
        _core.Receive(from, this, message);
        _core.Turn(() => _core.Now);
    }

    /// <summary>A message of consensus.</summary>
    public void Send(NodeId from, PaxosMessage message) => Take(from, BytesOf(message));

    /// <summary>A message of consensus, whose turn comes with the next.</summary>
    public void Hear(NodeId from, PaxosMessage message) => _core.Receive(from, this, BytesOf(message));

    /// <summary>A part of a snapshot with one row, as a leader sends it.</summary>
    public static byte[] Part(ulong id, ulong part, ulong slot, bool last, bool state, byte[] content)
    {
        var writer = new ByteWriter();
        writer.WriteByte((byte)StorageMessageKind.SnapshotChunk);
        writer.WriteVarint(Shard.Value);
        int start = writer.Length;
        writer.WriteVarint(id);
        writer.WriteVarint(part);
        writer.WriteVarint(slot);
        writer.WriteBoolean(last);
        writer.WriteBoolean(!state);
        writer.WriteVarint(1);
        writer.WriteBytes(state ? BigEndian((uint)part) : content);
        writer.WriteBytes(content);
        writer.WriteUInt32(Crc32C.Compute(writer.WrittenSpan[start..]));
        return writer.ToArray();
    }

    public ulong Append(ShardId shard, byte kind, ReadOnlySpan<byte> payload)
    {
        var reader = new ByteReader(payload);
        Records.Add(PaxosRecord.Read((PaxosRecordKind)kind, ref reader));
        _segments.Add(_segment);
        return ++_appended;
    }

    public void TruncateBefore(ulong segment)
    {
        int cut = _segments.FindIndex(held => held >= segment) is >= 0 and int first ? first : _segments.Count;
        _segments.RemoveRange(0, cut);
        Records.RemoveRange(0, cut);
    }

    public void Send(NodeId to, ReadOnlySpan<byte> message)
    {
        // Nobody hears it.
    }

    public void Send(ReadOnlySpan<byte> message)
    {
        // Nobody hears it.
    }

    private static byte[] BytesOf(PaxosMessage message)
    {
        var writer = new ByteWriter();
        writer.WriteByte((byte)StorageMessageKind.Paxos);
        writer.WriteVarint(Shard.Value);
        message.Write(writer);
        return writer.ToArray();
    }

    private static byte[] BigEndian(uint number)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return bytes;
    }
}
