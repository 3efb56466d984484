using System;

using ShardSql.Primitives;

namespace ShardSql.Storage.Wal;

/// <summary>One record as recovery hands it out. The log does not look into the payload, which is valid during the call
/// only. <see cref="End"/> is what <see cref="WriteAheadLog.Append"/> returned for its batch.</summary>
public readonly ref struct WalRecord
{
    /// <summary>A record.</summary>
    public WalRecord(ShardId shard, byte kind, ReadOnlySpan<byte> payload, LogPosition end)
    {
        Shard = shard;
        Kind = kind;
        Payload = payload;
        End = end;
    }

    /// <summary>Whose record it is.</summary>
    public ShardId Shard { get; }

    /// <summary>What it is, in the owner's numbering.</summary>
    public byte Kind { get; }

    /// <summary>Its content.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>The end of the batch that holds it.</summary>
    public LogPosition End { get; }
}
