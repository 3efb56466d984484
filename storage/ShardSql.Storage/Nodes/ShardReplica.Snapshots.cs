using System;
using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Storage.Messages;
using ShardSql.Storage.Stores;
using ShardSql.Transactions;

namespace ShardSql.Storage.Nodes;

/// <summary>
/// Snapshots for followers that the log no longer reaches: what the leader's base store holds at one moment, part by
/// part, each taken before the next is sent. The follower writes it as the next generation, which one last batch makes
/// valid, so a transfer that ends half-way leaves the old state whole.
/// </summary>
public sealed partial class ShardReplica
{
    private const int SnapshotChunkBytes = 512 * 1024;
    private const long SnapshotIdleMs = 5_000;

    private readonly SortedDictionary<NodeId, SnapshotTransfer> _transfers = [];
    private SnapshotInstall? _install;
    private bool _isSwitching;

    /// <summary>The highest generation that has anything in the base store.</summary>
    internal uint LastGeneration { get; private set; }

    /// <summary>Snapshots sent to their end.</summary>
    public long SnapshotsSent { get; private set; }

    /// <summary>Snapshots installed here.</summary>
    public long SnapshotsInstalled { get; private set; }

    private void ReceiveSnapshotMessage(StorageMessageKind kind, NodeId from, ref ByteReader reader)
    {
        if (kind == StorageMessageKind.SnapshotChunk && !IsSound(reader.Rest))
        {
            // Counted as a message that was none; the leader sends the snapshot again.
            reader.Fail();
            return;
        }

        ulong id = reader.ReadVarint();
        ulong part = reader.ReadVarint();
        if (kind == StorageMessageKind.SnapshotTaken)
        {
            if (_transfers.TryGetValue(from, out SnapshotTransfer? transfer) && transfer.Id == id
                && transfer.Part == part && !reader.Failed)
            {
                transfer.TouchedMs = _node.Now.MonotonicMs;
                transfer.Part++;
                SendNextPart(from, transfer);
            }

            return;
        }

        TakePart(from, id, part, ref reader);
    }

    private static bool IsSound(ReadOnlySpan<byte> chunk)
    {
        if (chunk.Length < sizeof(uint))
        {
            return false;
        }

        var crc = new ByteReader(chunk[^sizeof(uint)..]);
        return crc.ReadUInt32() == Crc32C.Compute(chunk[..^sizeof(uint)]);
    }

    private void TickSnapshots()
    {
        AdvanceLogFloor();
        if (_transfers.Count == 0)
        {
            return;
        }

        var ended = new List<NodeId>();
        foreach ((NodeId follower, SnapshotTransfer transfer) in _transfers)
        {
            if (!IsLeader || _node.Now.MonotonicMs - transfer.TouchedMs > SnapshotIdleMs)
            {
                ended.Add(follower);
            }
        }

        ended.ForEach(EndTransfer);
    }

    private void OfferSnapshot(NodeId follower)
    {
        if (_transfers.ContainsKey(follower))
        {
            return;
        }

        var transfer = new SnapshotTransfer(_node.NextSnapshot()) { TouchedMs = _node.Now.MonotonicMs };
        _transfers.Add(follower, transfer);
        _store.OpenView(view => transfer.Open(view, KeyRange.Prefix(StoreKeys.Meta(Shard)), rows =>
        {
            if (rows.Count == 0)
            {
                EndTransfer(follower);
                return;
            }

            transfer.Meta = StoreMeta.FromBytes(rows[0].Value);
            transfer.Rest = StoreKeys.States(Shard, transfer.Meta.Generation);
            SendNextPart(follower, transfer);
        }));
    }

    private void SendNextPart(NodeId follower, SnapshotTransfer transfer)
    {
        if (transfer.IsSent)
        {
            SnapshotsSent++;
            EndTransfer(follower);
            return;
        }

        int limit = _node.Options.SnapshotRows;
        transfer.Read(transfer.Rest, limit, rows =>
        {
            int taken = 0;
            int bytes = 0;
            while (taken < rows.Count && bytes < SnapshotChunkBytes)
            {
                bytes += rows[taken].Key.Length + rows[taken].Value.Length;
                taken++;
            }

            bool rangeDone = taken == rows.Count && rows.Count < limit;
            bool last = rangeDone && transfer.InRows;
            SendPart(follower, transfer, rows, taken, last);
            transfer.IsSent = last;
            if (rangeDone && !transfer.InRows)
            {
                transfer.InRows = true;
                transfer.Rest = StoreKeys.Rows(Shard, transfer.Meta.Generation);
            }
            else if (!rangeDone)
            {
                transfer.Rest = transfer.Rest with { Start = KeyRange.Successor(rows[taken - 1].Key) };
            }
        });
    }

    private void SendPart(
        NodeId follower, SnapshotTransfer transfer, IReadOnlyList<StoreRow> rows, int count, bool last)
    {
        _reply.Clear();
        _reply.WriteByte((byte)StorageMessageKind.SnapshotChunk);
        _reply.WriteVarint(Shard.Value);
        int start = _reply.Length;
        _reply.WriteVarint(transfer.Id);
        _reply.WriteVarint(transfer.Part);
        _reply.WriteVarint(transfer.Meta.Slot.Value);
        _reply.WriteBoolean(last);
        _reply.WriteBoolean(transfer.InRows);
        _reply.WriteVarint((ulong)count);
        for (int i = 0; i < count; i++)
        {
            _reply.WriteBytes(StoreKeys.RowKeyOf(rows[i].Key));
            _reply.WriteBytes(rows[i].Value);
        }

        _reply.WriteUInt32(Crc32C.Compute(_reply.WrittenSpan[start..]));
        _node.Transport.Send(follower, _reply.WrittenSpan);
    }

    private void EndTransfer(NodeId follower)
    {
        if (_transfers.Remove(follower, out SnapshotTransfer? transfer))
        {
            transfer.End();
        }
    }

    private void TakePart(NodeId from, ulong id, ulong part, ref ByteReader reader)
    {
        var slot = new Slot(reader.ReadVarint());
        bool last = reader.ReadBoolean();
        bool inRows = reader.ReadBoolean();
        var rows = new List<StoreRow>();
        for (int i = reader.ReadCount(2); i > 0; i--)
        {
            rows.Add(new StoreRow(reader.ReadBytes(), reader.ReadBytes()));
        }

        if (reader.Failed || slot <= _machine.Applied || _isSwitching)
        {
            return;
        }

        if (part > 0)
        {
            if (_install is { } current && current.Id == id && current.From == from && current.NextPart == part)
            {
                WritePart(current, part, inRows, last, rows);
            }
        }
        else if (_install is null || _install.Id != id || _install.From != from)
        {
            // A generation of its own: what is still being written or cleared for an earlier snapshot stays apart. Rows
            // may be there from an earlier life.
            var install = new SnapshotInstall(from, id, slot, ++LastGeneration);
            _install = install;
            ClearGeneration(install.Generation, () => WritePart(install, part, inRows, last, rows));
        }
    }

    private void ClearGeneration(uint generation, Action then) => _store.Clear(
        StoreKeys.States(Shard, generation), () => _store.Clear(StoreKeys.Rows(Shard, generation), then));

    private void WritePart(SnapshotInstall install, ulong part, bool inRows, bool last, List<StoreRow> rows)
    {
        if (_install != install || install.NextPart != part)
        {
            return;
        }

        install.NextPart++;
        var changes = new List<StoreChange>(rows.Count + 1);
        foreach (StoreRow row in rows)
        {
            if (!inRows)
            {
                install.State.WriteRaw(row.Value);
                changes.Add(new StoreChange(
                    StoreKeys.StateChunk(Shard, install.Generation, install.StateChunks++), row.Value));
            }
            else
            {
                changes.Add(new StoreChange(StoreKeys.Row(Shard, install.Generation, row.Key), row.Value));
            }
        }

        if (last)
        {
            var meta = new StoreMeta(install.Generation, install.Slot, install.StateChunks);
            changes.Insert(0, new StoreChange(StoreKeys.Meta(Shard), meta.ToBytes()));
        }

        if (last && !CanInstall(install))
        {
            _install = null;
            return;
        }

        _isSwitching = last;
        _store.ApplyAndSync(changes, () =>
        {
            if (last)
            {
                Install(install);
            }

            AcknowledgePart(install, part);
        });
    }

    // What cannot be read is not made valid; and the log may have overtaken the snapshot, or a flush may be running.
    private bool CanInstall(SnapshotInstall install)
    {
        install.Read = ShardState.Read(Shard, install.State.WrittenSpan);
        return install.Read is not null && install.Read.Machine.Applied == install.Slot
            && install.Slot > _machine.Applied && !_flushing && !IsLeader;
    }

    // Between the last part and here nothing was applied, flushed or led: the state changes in one step.
    private void Install(SnapshotInstall install)
    {
        uint old = _generation;
        _install = null;
        _isSwitching = false;
        _generation = install.Generation;
        _machine = install.Read!.Machine;
        _flushedSlot = install.Slot;
        _stateChunks = install.StateChunks;
        _base = new BaseRows(_store, Shard, _generation);
        _paxos.InstallSnapshot(install.Slot, install.Read.Membership);
        SnapshotsInstalled++;
        ulong segment = _node.DurableEnd.Segment;
        AppendOpenRecords(install.Slot);
        RaiseLogFloor(segment);
        ClearGeneration(old, () => { });
    }

    private void AcknowledgePart(SnapshotInstall install, ulong part)
    {
        _reply.Clear();
        _reply.WriteByte((byte)StorageMessageKind.SnapshotTaken);
        _reply.WriteVarint(Shard.Value);
        _reply.WriteVarint(install.Id);
        _reply.WriteVarint(part);
        _node.Transport.Send(install.From, _reply.WrittenSpan);
    }
}
