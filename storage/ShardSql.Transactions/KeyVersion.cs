using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Transactions;

/// <summary>One version of a key with its stamps (commit.md §1).</summary>
public sealed class KeyVersion
{
    /// <summary>The value; null is a tombstone. Not set while <see cref="InBase"/>.</summary>
    public byte[]? Value { get; init; }

    /// <summary>
    /// The version at or below the horizon whose value, and whose cstamp, only the base store knows: an absent key's
    /// virtual version, or one that was settled before its successor came.
    /// </summary>
    public bool InBase { get; init; }

    /// <summary>c(creator). Zero for a version in the base store.</summary>
    public HlcTimestamp Cstamp { get; init; }

    /// <summary>c(creator), raised to c(R) by each committed reader R.</summary>
    public HlcTimestamp Pstamp { get; set; }

    /// <summary>π(U) once U committed over this version; ∞ before.</summary>
    public HlcTimestamp Sstamp { get; set; } = HlcTimestamp.Infinity;

    /// <summary>c(U) of the overwriter.</summary>
    public HlcTimestamp Scstamp { get; set; }

    /// <summary>The slot whose entry installed it.</summary>
    public Slot InstalledAt { get; init; }

    /// <summary>Whether an OUTCOME installed it, not a ONE.</summary>
    public bool ByOutcome { get; init; }

    /// <summary>Writes it.</summary>
    public void Write(ByteWriter writer)
    {
        writer.WriteBoolean(InBase);
        writer.WriteNullableBytes(Value);
        writer.WriteStamp(Cstamp);
        writer.WriteStamp(Pstamp);
        writer.WriteStamp(Sstamp);
        writer.WriteStamp(Scstamp);
        writer.WriteVarint(InstalledAt.Value);
        writer.WriteBoolean(ByOutcome);
    }

    /// <summary>Reads one.</summary>
    public static KeyVersion Read(ref ByteReader reader) => new()
    {
        InBase = reader.ReadBoolean(),
        Value = reader.ReadNullableBytes(),
        Cstamp = reader.ReadStamp(),
        Pstamp = reader.ReadStamp(),
        Sstamp = reader.ReadStamp(),
        Scstamp = reader.ReadStamp(),
        InstalledAt = new Slot(reader.ReadVarint()),
        ByOutcome = reader.ReadBoolean(),
    };
}

/// <summary>A key's retained versions, oldest first, never none; at most the first is in the base store.</summary>
public sealed class KeyState(byte[] key)
{
    /// <summary>The key.</summary>
    public byte[] Key { get; } = key;

    /// <summary>The versions.</summary>
    public List<KeyVersion> Versions { get; } = new(2);

    /// <summary>What may be taken beside the key; null: it has none. A key that has one is kept, whatever is settled.</summary>
    public Quota? Quota { get; set; }

    /// <summary>Whether it is not as it was stored last.</summary>
    internal bool IsChanged { get; set; }

    /// <summary>Whether something of its key is stored, or will be deleted there.</summary>
    internal bool IsStored { get; set; }

    /// <summary>The newest version.</summary>
    public KeyVersion Newest => Versions[^1];

    /// <summary>The newest version that a snapshot sees.</summary>
    public KeyVersion AsOf(HlcTimestamp begin)
    {
        for (int i = Versions.Count - 1; i > 0; i--)
        {
            if (Versions[i].Cstamp <= begin)
            {
                return Versions[i];
            }
        }

        return Versions[0];
    }

    /// <summary>
    /// The version that a reader saw, by its cstamp; null when it is not retained. A stamp below the second version's
    /// belongs to the one in the base store.
    /// </summary>
    public KeyVersion? Find(HlcTimestamp cstamp)
    {
        for (int i = Versions.Count - 1; i >= 0; i--)
        {
            if (Versions[i].InBase ? Versions.Count == 1 || cstamp < Versions[1].Cstamp : Versions[i].Cstamp == cstamp)
            {
                return Versions[i];
            }
        }

        return null;
    }

    /// <summary>Writes key and versions.</summary>
    public void Write(ByteWriter writer)
    {
        writer.WriteBytes(Key);
        writer.WriteVarint((ulong)Versions.Count);
        foreach (KeyVersion version in Versions)
        {
            version.Write(writer);
        }

        Quota.Write(writer, Quota);
    }

    /// <summary>Reads one.</summary>
    public static KeyState Read(ref ByteReader reader)
    {
        var state = new KeyState(reader.ReadBytes());
        for (int i = reader.ReadCount(60); i > 0; i--)
        {
            state.Versions.Add(KeyVersion.Read(ref reader));
        }

        state.Quota = Quota.Read(ref reader);
        return state;
    }
}
