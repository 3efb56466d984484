using System.Collections.Generic;

using ShardSql.Consensus;
using ShardSql.Primitives;
using ShardSql.Storage.Stores;
using ShardSql.Storage.Wal;
using ShardSql.Transactions;

namespace ShardSql.Storage.Nodes;

/// <summary>
/// Flush at a slot (architecture.md §4): settled rows and everything else that the machine knows go to the base store in
/// one atomic batch, so that recovery replays from the next slot and the log behind can go.
/// </summary>
public sealed partial class ShardReplica
{
    private uint _generation;
    private Slot _flushedSlot;
    private int _stateChunks;
    private bool _flushing;
    private (ulong Segment, ulong Sequence, long Flushes)? _floorWhenDurable;

    /// <summary>The first log segment that recovery of this shard still needs.</summary>
    internal ulong LogNeededFrom { get; set; }

    /// <summary>Flushes begun.</summary>
    public long Flushes { get; private set; }

    /// <summary>Of them those that are in the base store, which the log says durably.</summary>
    public long FlushesDone { get; private set; }

    internal void StartFlush()
    {
        if (_flushing || _isSwitching)
        {
            return;
        }

        _flushing = true;
        Flushes++;
        uint generation = _generation;
        Slot slot = _machine.Applied;
        ulong segment = _node.DurableEnd.Segment;
        AppendOpenRecords(slot);
        if (slot == _flushedSlot)
        {
            RaiseLogFloor(segment);
            _flushing = false;
            return;
        }

        List<SettledRow> rows = _machine.Versions.TakeSettled();
        List<StoreChange> changes = FlushBatch(rows, slot, out int chunks);
        _store.ApplyAndSync(changes, () =>
        {
            _flushing = false;
            if (generation != _generation)
            {
                return;
            }

            _stateChunks = chunks;
            _flushedSlot = slot;
            _machine.Versions.Flushed(rows);
            _base.OnFlushed(rows);
            RaiseLogFloor(segment);
            ulong kept = _node.Options.LogSlotsKept;
            _paxos.TruncateLog(new Slot(slot.Value > kept ? slot.Value - kept : 0));
        });
    }

    // The log behind goes once this record is there to tell a store that has lost what was flushed.
    private void RaiseLogFloor(ulong segment) => _floorWhenDurable =
        (segment, _node.Append(Shard, new PaxosRecord(PaxosRecordKind.Flushed, default, _flushedSlot, [])), Flushes);

    private void AdvanceLogFloor()
    {
        if (_floorWhenDurable is { } floor && _node.IsDurable(floor.Sequence))
        {
            LogNeededFrom = ulong.Max(LogNeededFrom, floor.Segment);
            FlushesDone = floor.Flushes;
            _floorWhenDurable = null;
        }
    }

    // What recovery needs beside the flushed state is written again behind it: the promise and the open slots.
    private void AppendOpenRecords(Slot slot)
    {
        foreach (PaxosRecord record in _paxos.TakeRecords())
        {
            _node.Append(Shard, record);
        }

        if (_paxos.IsAmnesiac)
        {
            _node.Append(Shard, new PaxosRecord(PaxosRecordKind.Amnesia, default, default, []));
        }
        else if (_paxos.IsRelearning)
        {
            _node.Append(Shard, (Life with { Accepted = _paxos.Forgotten }).Record);
        }

        _node.Append(Shard, new PaxosRecord(PaxosRecordKind.Promise, _paxos.Promised, default, []));
        for (Slot open = slot.Next; open <= _paxos.LogLast; open = open.Next)
        {
            if (_paxos.EntryAt(open) is { } entry)
            {
                _node.Append(Shard, new PaxosRecord(PaxosRecordKind.Accept, entry.Ballot, entry.Slot, entry.Value));
            }
        }

        _node.Append(Shard, new PaxosRecord(PaxosRecordKind.Commit, default, _paxos.Commit, []));
    }

    private List<StoreChange> FlushBatch(List<SettledRow> rows, Slot slot, out int chunks)
    {
        ByteWriter state = _node.StateWriter;
        state.Clear();
        new ShardState(_paxos.Membership.Forget(slot.Next), _machine).WriteHead(state);
        int bytes = _node.Options.StateChunkBytes;
        chunks = (state.Length + bytes - 1) / bytes;
        var changes = new List<StoreChange>(rows.Count + chunks + 1)
        {
            new(StoreKeys.Meta(Shard), new StoreMeta(_generation, slot, chunks).ToBytes()),
        };
        for (int i = 0; i < int.Max(chunks, _stateChunks); i++)
        {
            byte[]? part = i >= chunks
                ? null
                : state.WrittenSpan[(i * bytes)..int.Min(state.Length, (i + 1) * bytes)].ToArray();
            changes.Add(new StoreChange(StoreKeys.StateChunk(Shard, _generation, i), part));
        }

        foreach ((byte[] key, KeyState? versions) in _machine.Versions.TakeChanged())
        {
            state.Clear();
            versions?.Write(state);
            changes.Add(new StoreChange(
                StoreKeys.StateVersions(Shard, _generation, key), versions is null ? null : state.ToArray()));
        }

        foreach (ulong block in _machine.Registers.TakeChangedBlocks())
        {
            state.Clear();
            changes.Add(new StoreChange(
                StoreKeys.StateRegisters(Shard, _generation, block),
                _machine.Registers.WriteBlock(block, state) ? state.ToArray() : null));
        }

        foreach (SettledRow row in rows)
        {
            changes.Add(new StoreChange(
                StoreKeys.Row(Shard, _generation, row.Key),
                row.Value is null ? null : BaseRow.ToBytes(row.Cstamp, row.Value)));
        }

        return changes;
    }
}
