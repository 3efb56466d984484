using ShardSql.Primitives;

namespace ShardSql.Gateway.Automatic;

/// <summary>Which gateway plans one kind of automatic work, as its row of the system shard holds it, and what came of it
/// last. Immutable; each change is written in the transaction that reads the one before.</summary>
internal sealed record AutomaticLease
{
    private const byte FormatVersion = 1;

    /// <summary>Rises with each gateway that takes it; one with an older one begins nothing any more.</summary>
    public long Epoch { get; init; }

    /// <summary>The stamp source of the gateway that has it; 0: none.</summary>
    public ulong Holder { get; init; }

    /// <summary>When another gateway may take it.</summary>
    public long UntilMs { get; init; }

    /// <summary>No plan and no job is made before.</summary>
    public long NotBeforeMs { get; init; }

    /// <summary>The last plan; 0: none yet.</summary>
    public long PlanId { get; init; }

    /// <summary>The last job; 0: none yet.</summary>
    public long JobId { get; init; }

    public byte[] Encode()
    {
        var writer = new ByteWriter(48);
        writer.WriteByte(FormatVersion);
        writer.WriteVarint((ulong)Epoch);
        writer.WriteVarint(Holder);
        writer.WriteVarint((ulong)UntilMs);
        writer.WriteVarint((ulong)NotBeforeMs);
        writer.WriteVarint((ulong)PlanId);
        writer.WriteVarint((ulong)JobId);
        return writer.ToArray();
    }

    public static AutomaticLease Decode(byte[] row)
    {
        var reader = new ByteReader(row);
        byte version = reader.ReadByte();
        var lease = new AutomaticLease
        {
            Epoch = (long)reader.ReadVarint(),
            Holder = reader.ReadVarint(),
            UntilMs = (long)reader.ReadVarint(),
            NotBeforeMs = (long)reader.ReadVarint(),
            PlanId = (long)reader.ReadVarint(),
            JobId = (long)reader.ReadVarint(),
        };
        Invariant.Check(version == FormatVersion && reader.EndedWell, "A stored lease is whole.");
        return lease;
    }
}
