using System;

using ShardSql.Primitives;
using ShardSql.Storage.Messages;
using ShardSql.Storage.Nodes;
using ShardSql.Storage.Stores;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Directed;

/// <summary>A follower that is sent snapshots part by part, over a store that is slow where it matters.</summary>
internal static class SnapshotScenarios
{
    private static readonly ShardId s_shard = new(1);
    private static readonly NodeId s_second = new(2);
    private static readonly NodeId s_third = new(3);

    /// <summary>A snapshot ends half-way, and another leader sends its own: nothing of the first may be left in it.</summary>
    public static string? SnapshotAfterHalfOfAnother()
    {
        var follower = new Follower();
        follower.Send(s_second, id: 1, part: 0, slot: 5, last: false, state: true, StateAt(5));
        follower.Send(s_second, id: 1, part: 1, slot: 5, last: false, state: false, [1]);
        follower.Send(s_third, id: 2, part: 0, slot: 6, last: false, state: true, StateAt(6));
        follower.Send(s_third, id: 2, part: 1, slot: 6, last: true, state: false, [2]);
        StoreRow? meta = follower.Store.RowsOf(KeyRange.Prefix(StoreKeys.Meta(s_shard)), 1) is [{ } found] ? found : null;
        if (follower.Replica.SnapshotsInstalled != 1 || meta is null)
        {
            return "no snapshot was installed, so nothing was shown";
        }

        KeyRange rows = StoreKeys.Rows(s_shard, StoreMeta.FromBytes(meta.Value.Value).Generation);
        int count = follower.Store.RowsOf(rows, int.MaxValue).Count;
        return count == 1 ? null : $"a snapshot of one row left {count} rows";
    }

    /// <summary>While the last part is being written the old state stands still.</summary>
    public static string? FlushDuringTheLastPart()
    {
        var follower = new Follower();
        follower.Send(s_second, id: 1, part: 0, slot: 5, last: false, state: true, StateAt(5));
        follower.Store.Holds = true;
        follower.Send(s_second, id: 1, part: 1, slot: 5, last: true, state: false, [1]);
        long before = follower.Replica.Flushes;
        follower.Tick();
        long during = follower.Replica.Flushes;
        follower.Store.Holds = false;
        follower.Store.LetGo();
        return follower.Replica.SnapshotsInstalled != 1 ? "no snapshot was installed, so nothing was shown"
            : during > before ? "a flush began between the last part of a snapshot and its install" : null;
    }

    /// <summary>Each bit of a snapshot is turned over in turn on its way: none of it may be installed.</summary>
    public static string? FlippedBit()
    {
        var follower = new Follower();
        byte[] first = Follower.Part(id: 1, part: 0, slot: 5, last: false, state: true, StateAt(5));
        byte[] last = Follower.Part(id: 1, part: 1, slot: 5, last: true, state: false, [1]);
        for (int bit = 0; bit < (first.Length + last.Length) * 8; bit++)
        {
            byte[][] parts = [[.. first], [.. last]];
            byte[] flipped = bit < first.Length * 8 ? parts[0] : parts[1];
            int at = bit < first.Length * 8 ? bit : bit - (first.Length * 8);
            flipped[at / 8] ^= (byte)(1 << (at % 8));
            follower.Take(s_second, parts[0]);
            follower.Take(s_second, parts[1]);
            if (follower.Replica.SnapshotsInstalled > 0)
            {
                return $"a snapshot was installed with bit {bit} turned over";
            }
        }

        follower.Take(s_second, first);
        follower.Take(s_second, last);
        return follower.Replica.SnapshotsInstalled == 1 ? null : "the whole snapshot was not installed, so nothing was shown";
    }

    /// <summary>An empty shard's state that has applied some entries.</summary>
    public static byte[] StateAt(ulong slot)
    {
        var machine = new ShardMachine(s_shard);
        while (machine.Applied.Value < slot)
        {
            machine.BeginEntry(machine.Applied.Next);
        }

        var writer = new ByteWriter();
        machine.WriteState(writer);
        return writer.ToArray();
    }

    private sealed class Follower : INodeLog, INodeTransport, IPeerLink
    {
        private readonly NodeCore _core;
        private ulong _appended;
        private long _nowMs;

        public Follower()
        {
            NodeId[] members = [new(1), s_second, s_third];
            var layout = new ClusterLayout(
                Guid.Empty, Array.ConvertAll(members, node => new NodeAddress(node, $"{node}")),
                [new ShardPlacement(s_shard, members)]);
            _core = new NodeCore(
                new NodeOptions { Self = members[0], Layout = layout, StampSource = 1, FlushRows = 0 },
                this, Store, this, new NodeRecovery(), new Prng(1), default);
        }

        public HeldStore Store { get; } = new();

        public ShardReplica Replica => _core.Replicas[s_shard];

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

        /// <summary>A part of a snapshot with one row, as a leader sends it.</summary>
        public static byte[] Part(ulong id, ulong part, ulong slot, bool last, bool state, byte[] content)
        {
            var writer = new ByteWriter();
            writer.WriteByte((byte)StorageMessageKind.SnapshotChunk);
            writer.WriteVarint(s_shard.Value);
            int start = writer.Length;
            writer.WriteVarint(id);
            writer.WriteVarint(part);
            writer.WriteVarint(slot);
            writer.WriteBoolean(last);
            writer.WriteBoolean(!state);
            writer.WriteVarint(1);
            writer.WriteBytes(state ? [] : content);
            writer.WriteBytes(content);
            writer.WriteUInt32(Crc32C.Compute(writer.WrittenSpan[start..]));
            return writer.ToArray();
        }

        public ulong Append(ShardId shard, byte kind, ReadOnlySpan<byte> payload) => ++_appended;

        public void TruncateBefore(ulong segment)
        {
            // Nothing is kept.
        }

        public void Send(NodeId to, ReadOnlySpan<byte> message)
        {
            // Nobody hears it.
        }

        public void Send(ReadOnlySpan<byte> message)
        {
            // Nobody hears it.
        }
    }
}
