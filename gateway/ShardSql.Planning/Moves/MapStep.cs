using System;
using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Planning.Moves;

/// <summary>
/// One step on the way from one shard map to another. It names keys, never segments: those of later steps do not exist
/// when a plan is made. A step that has been done finds nothing to do, so it may be begun again.
/// </summary>
public sealed record MapStep
{
    private const byte FormatVersion = 1;

    /// <summary>What it does.</summary>
    public required MapStepKind Kind { get; init; }

    /// <summary>The colocation group whose segments it concerns.</summary>
    public required uint GroupId { get; init; }

    /// <summary>Split, join: the routing keys at which segments begin afterwards, or do not, in order.</summary>
    public IReadOnlyList<byte[]> Keys { get; init; } = [];

    /// <summary>Move: the segment's range.</summary>
    public KeyRange Range { get; init; }

    /// <summary>Move: its owner before.</summary>
    public ShardId From { get; init; }

    /// <summary>Move: its owner afterwards.</summary>
    public ShardId To { get; init; }

    /// <summary>Join: neighbours that turn out to lie on several shards stay as they are; else that is an error.</summary>
    public bool IsOptional { get; init; }

    /// <summary>The step that takes this one back.</summary>
    public MapStep Opposite() => Kind switch
    {
        MapStepKind.Split => this with { Kind = MapStepKind.Join },
        MapStepKind.Join => this with { Kind = MapStepKind.Split, IsOptional = false },
        _ => this with { From = To, To = From },
    };

    /// <summary>As part of a row of the system shard.</summary>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteByte(FormatVersion);
        writer.WriteByte((byte)Kind);
        writer.WriteVarint(GroupId);
        writer.WriteVarint((ulong)Keys.Count);
        foreach (byte[] key in Keys)
        {
            writer.WriteBytes(key);
        }

        writer.WriteBoolean(Kind == MapStepKind.Move);
        if (Kind == MapStepKind.Move)
        {
            writer.WriteRange(Range);
        }

        writer.WriteVarint(From.Value);
        writer.WriteVarint(To.Value);
        writer.WriteBoolean(IsOptional);
    }

    /// <summary>From part of a row of the system shard.</summary>
    public static MapStep Read(ref ByteReader reader)
    {
        byte version = reader.ReadByte();
        Invariant.Check(version == FormatVersion, "A stored step is of a version that is known.");
        var kind = (MapStepKind)reader.ReadByte();
        uint group = reader.ReadVarint32();
        byte[][] keys = new byte[reader.ReadCount()][];
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = reader.ReadBytes();
        }

        return new MapStep
        {
            Kind = kind,
            GroupId = group,
            Keys = keys,
            Range = reader.ReadBoolean() ? reader.ReadRange() : default,
            From = new ShardId(reader.ReadVarint32()),
            To = new ShardId(reader.ReadVarint32()),
            IsOptional = reader.ReadBoolean(),
        };
    }
}
