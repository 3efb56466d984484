using System;
using System.Collections.Generic;
using System.IO;

using ShardSql.Consensus;
using ShardSql.Primitives;
using ShardSql.Storage.Nodes;
using ShardSql.Storage.Wal;

namespace ShardSql.Simulation.Cluster.Nodes;

/// <summary>
/// Group commit in virtual time over the real log: while a batch syncs the next gathers. A crash between the write, the
/// sync and the word of it leaves what the disk makes of that.
/// </summary>
internal sealed class SimulatedLog(SimulatedNode node, WriteAheadLog log) : INodeLog
{
    private WalBatch _gathering = new();
    private WalBatch _writing = new();
    private List<AcceptedRecord> _gatheringAccepts = [];
    private List<AcceptedRecord> _writingAccepts = [];
    private ulong _truncateBefore;
    private bool _isBusy;

    /// <summary>The sequence of the last record that was appended in this life.</summary>
    public ulong Appended { get; private set; }

    /// <summary>The sequence of the last record that the disk has synced.</summary>
    public ulong Synced { get; private set; }

    public ulong Append(ShardId shard, byte kind, ReadOnlySpan<byte> payload)
    {
        _gathering.Add(shard, kind, payload);
        if (AcceptedRecord.Of(shard, kind, payload) is { } accepted)
        {
            _gatheringAccepts.Add(accepted);
        }

        return ++Appended;
    }

    public void TruncateBefore(ulong segment) => _truncateBefore = ulong.Max(_truncateBefore, segment);

    /// <summary>Begins the next batch, unless one is on its way.</summary>
    public void Pump()
    {
        if (_isBusy || (_gathering.Count == 0 && _truncateBefore == 0))
        {
            return;
        }

        _isBusy = true;
        (_gathering, _writing) = (_writing, _gathering);
        (_gatheringAccepts, _writingAccepts) = (_writingAccepts, _gatheringAccepts);
        ulong last = Appended;
        node.OnDisk(0, () => Write(last));
    }

    private void Write(ulong last)
    {
        LogPosition end = _writing.Count > 0 ? log.Append(_writing) : log.Written;
        node.OnDisk(node.SyncDelayUs(), () => Sync(last, end));
    }

    private void Sync(ulong last, LogPosition end)
    {
        bool hasRecords = _writing.Count > 0;
        if (hasRecords)
        {
            log.Sync();
            Synced = last;
            node.World.Log.OnDurable(node.Id, _writingAccepts);
        }

        if (_truncateBefore > 0)
        {
            node.World.Reach("log cut");
            log.TruncateBefore(_truncateBefore);
            _truncateBefore = 0;
        }

        if (log.WantsSpare)
        {
            ulong spare = log.ReserveSpare();
            log.CreateSpare(spare);
            log.AddSpare(spare);
        }

        _writing.Clear();
        _writingAccepts.Clear();
        _isBusy = false;
        node.OnDisk(node.WordDelayUs(), () =>
        {
            if (hasRecords)
            {
                node.OnLoop(core => core.OnDurable(last, end));
            }
            else
            {
                Pump();
            }
        });
        Pump();
    }
}

/// <summary>An accepted value on its way to a node's disk.</summary>
internal readonly record struct AcceptedRecord(ShardId Shard, Slot Slot, ulong ValueHash)
{
    /// <summary>What a record of the log accepts, if it does.</summary>
    public static AcceptedRecord? Of(ShardId shard, byte kind, ReadOnlySpan<byte> payload)
    {
        if ((PaxosRecordKind)kind != PaxosRecordKind.Accept)
        {
            return null;
        }

        var reader = new ByteReader(payload);
        PaxosRecord record = PaxosRecord.Read(PaxosRecordKind.Accept, ref reader);
        return new AcceptedRecord(shard, record.Slot, Hash64.Compute(record.Value));
    }
}
