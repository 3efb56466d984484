using System;
using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Transactions.Moves;

namespace ShardSql.Transactions;

/// <summary>The state as bytes: together with the settled rows it is exactly the state after a slot.</summary>
public sealed partial class ShardMachine
{
    private const byte FormatVersion = 6;

    /// <summary>Writes all but the settled rows, the retained versions and the registers.</summary>
    public void WriteHead(ByteWriter writer)
    {
        writer.WriteByte(FormatVersion);
        writer.WriteVarint(Shard.Value);
        writer.WriteVarint(Applied.Value);
        writer.WriteStamp(Closed);
        writer.WriteStamp(Horizon);
        writer.WriteStamp(Ceiling);
        writer.WriteStamp(Floor);
        writer.WriteStamp(Highest);
        writer.WriteUInt64(StateHash);
        writer.WriteVarint(Checkpoint.Slot.Value);
        writer.WriteUInt64(Checkpoint.Hash);
        _buckets.Write(writer, Horizon);
        _rangeStamps.Write(writer);
        Guards.Write(writer);
        Registers.WriteHead(writer);
        Versions.WriteHead(writer);
        _refusedSessions.Write(writer);
        Moves.Write(writer);
    }

    /// <summary>Writes the whole state.</summary>
    public void WriteState(ByteWriter writer)
    {
        WriteHead(writer);
        Versions.WriteKeys(writer);
        Registers.WriteBlocks(writer);
    }

    /// <summary>Reads a state; null when the bytes are not one of this shard and format.</summary>
    public static ShardMachine? ReadState(ShardId shard, ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        if (reader.ReadByte() != FormatVersion || reader.ReadVarint32() != shard.Value)
        {
            return null;
        }

        var machine = new ShardMachine(shard)
        {
            Applied = new Slot(reader.ReadVarint()),
            Closed = reader.ReadStamp(),
            Horizon = reader.ReadStamp(),
            Ceiling = reader.ReadStamp(),
            Floor = reader.ReadStamp(),
            Highest = reader.ReadStamp(),
            StateHash = reader.ReadUInt64(),
            Checkpoint = (new Slot(reader.ReadVarint()), reader.ReadUInt64()),
            _buckets = StampBuckets.Read(ref reader),
            _rangeStamps = RangeStamps.Read(ref reader),
            Guards = GuardTable.Read(ref reader),
            Registers = RegisterTable.ReadHead(ref reader),
            Versions = VersionStore.ReadHead(ref reader),
            _refusedSessions = RefusedSessions.Read(ref reader),
            Moves = MoveTable.Read(ref reader),
        };
        machine.Versions.ReadKeys(ref reader);
        machine.Registers.ReadBlocks(ref reader);
        if (!reader.EndedWell)
        {
            return null;
        }

        machine._fences = new FenceTable();
        foreach (Register undecided in (IEnumerable<Register>)machine.Registers.Undecided)
        {
            machine._fences.Place(undecided);
        }

        return machine;
    }
}
