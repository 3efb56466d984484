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

    /// <summary>The version that it overwrote; null: the oldest that is retained.</summary>
    public KeyVersion? Older { get; internal set; }

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

    /// <summary>The same version with another below it.</summary>
    public KeyVersion Above(KeyVersion? older)
    {
        var copy = (KeyVersion)MemberwiseClone();
        copy.Older = older;
        return copy;
    }
}

/// <summary>A key's retained versions, a chain from the newest on; at most the oldest is in the base store.</summary>
public sealed class KeyState(byte[] key, KeyVersion newest)
{
    /// <summary>The key.</summary>
    public byte[] Key { get; } = key;

    /// <summary>The newest version.</summary>
    public KeyVersion Newest { get; private set; } = newest;

    /// <summary>The versions, newest first.</summary>
    public IEnumerable<KeyVersion> Versions
    {
        get
        {
            for (KeyVersion? version = Newest; version is not null; version = version.Older)
            {
                yield return version;
            }
        }
    }

    /// <summary>The versions as a list, oldest first.</summary>
    public IReadOnlyList<KeyVersion> OldestFirst()
    {
        var versions = new List<KeyVersion>(Versions);
        versions.Reverse();
        return versions;
    }

    /// <summary>What may be taken beside the key; null: it has none. A key that has one is kept, whatever is settled.</summary>
    public Quota? Quota { get; set; }

    /// <summary>Whether it is not as it was stored last.</summary>
    internal bool IsChanged { get; set; }

    /// <summary>Whether something of its key is stored, or will be deleted there.</summary>
    internal bool IsStored { get; set; }

    /// <summary>Puts a version on top.</summary>
    public void Push(KeyVersion version)
    {
        version.Older = Newest;
        Newest = version;
    }

    /// <summary>Forgets all versions but one, which is new.</summary>
    public void Reset(KeyVersion version) => Newest = version;

    /// <summary>The newest version that a snapshot sees.</summary>
    public KeyVersion AsOf(HlcTimestamp begin)
    {
        KeyVersion version = Newest;
        while (version.Older is { } older && version.Cstamp > begin)
        {
            version = older;
        }

        return version;
    }

    /// <summary>
    /// The version that a reader saw, by its cstamp; null when it is not retained. A stamp below the second version's
    /// belongs to the one in the base store.
    /// </summary>
    public KeyVersion? Find(HlcTimestamp cstamp)
    {
        KeyVersion? newer = null;
        KeyVersion? version = Newest;
        while (version is not null && !(version.InBase ? newer is null || cstamp < newer.Cstamp : version.Cstamp == cstamp))
        {
            newer = version;
            version = version.Older;
        }

        return version;
    }

    /// <summary>Writes key and versions.</summary>
    public void Write(ByteWriter writer)
    {
        writer.WriteBytes(Key);
        ulong count = 0;
        for (KeyVersion? version = Newest; version is not null; version = version.Older)
        {
            count++;
        }

        writer.WriteVarint(count);
        for (KeyVersion? version = Newest; version is not null; version = version.Older)
        {
            version.Write(writer);
        }

        Quota.Write(writer, Quota);
    }

    /// <summary>Reads one.</summary>
    public static KeyState Read(ref ByteReader reader)
    {
        byte[] key = reader.ReadBytes();
        int count = reader.ReadCount(60);
        if (count == 0)
        {
            reader.Fail();
        }

        var state = new KeyState(key, KeyVersion.Read(ref reader));
        KeyVersion oldest = state.Newest;
        for (int i = 1; i < count; i++)
        {
            oldest.Older = KeyVersion.Read(ref reader);
            oldest = oldest.Older;
        }

        state.Quota = Quota.Read(ref reader);
        return state;
    }
}
