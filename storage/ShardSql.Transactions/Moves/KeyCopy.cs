using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Transactions.Moves;

/// <summary>
/// All that a shard keeps of one key: the row at or below the horizon, and every later version with its stamps. A copy
/// replaces whatever the target had of the key.
/// </summary>
public sealed class KeyCopy
{
    /// <summary>The key.</summary>
    public required byte[] Key { get; init; }

    /// <summary>The settled row's value; null: there is none.</summary>
    public byte[]? SettledValue { get; init; }

    /// <summary>Its cstamp.</summary>
    public HlcTimestamp SettledCstamp { get; init; }

    /// <summary>The retained versions, oldest first; may be none.</summary>
    public IReadOnlyList<KeyVersion> Versions { get; init; } = [];

    /// <summary>The key's quota; null: it has none. Nothing of it is reserved once the segment is drained.</summary>
    public Quota? Quota { get; init; }

    /// <summary>Every value that the copy holds, tombstones left out.</summary>
    public IEnumerable<byte[]> Values
    {
        get
        {
            if (SettledValue is { } settled)
            {
                yield return settled;
            }

            foreach (KeyVersion version in Versions)
            {
                if (version.Value is { } value)
                {
                    yield return value;
                }
            }
        }
    }

    /// <summary>The versions with the settled row as the first of them.</summary>
    public IReadOnlyList<KeyVersion> WithSettledVersion()
    {
        if (Versions.Count > 0 && !Versions[0].InBase)
        {
            return Versions;
        }

        KeyVersion? inBase = Versions.Count > 0 ? Versions[0] : null;
        var versions = new List<KeyVersion>(Versions.Count + 1)
        {
            new()
            {
                Value = SettledValue,
                Cstamp = SettledCstamp,
                Pstamp = inBase?.Pstamp ?? SettledCstamp,
                Sstamp = inBase?.Sstamp ?? HlcTimestamp.Infinity,
                Scstamp = inBase?.Scstamp ?? HlcTimestamp.Zero,
                InstalledAt = inBase?.InstalledAt ?? default,
                ByOutcome = true,
            },
        };
        for (int i = 1; i < Versions.Count; i++)
        {
            versions.Add(Versions[i]);
        }

        return versions;
    }

    /// <summary>Writes the copy.</summary>
    public void Write(ByteWriter writer)
    {
        System.ArgumentNullException.ThrowIfNull(writer);
        writer.WriteBytes(Key);
        writer.WriteNullableBytes(SettledValue);
        writer.WriteStamp(SettledCstamp);
        writer.WriteVarint((ulong)Versions.Count);
        foreach (KeyVersion version in Versions)
        {
            writer.WriteBoolean(version.InBase);
            writer.WriteNullableBytes(version.Value);
            writer.WriteStamp(version.Cstamp);
            writer.WriteStamp(version.Pstamp);
            writer.WriteStamp(version.Sstamp);
            writer.WriteStamp(version.Scstamp);
        }

        Quota.Write(writer, Quota);
    }

    /// <summary>Reads a copy.</summary>
    /// <param name="reader">At the copy.</param>
    /// <param name="installedAt">The slot whose entry brings it.</param>
    public static KeyCopy Read(ref ByteReader reader, Slot installedAt = default)
    {
        byte[] key = reader.ReadBytes();
        byte[]? settled = reader.ReadNullableBytes();
        HlcTimestamp cstamp = reader.ReadStamp();
        var versions = new List<KeyVersion>();
        for (int i = reader.ReadCount(2 + (4 * HlcTimestamp.EncodedLength)); i > 0; i--)
        {
            versions.Add(new KeyVersion
            {
                InBase = reader.ReadBoolean(),
                Value = reader.ReadNullableBytes(),
                Cstamp = reader.ReadStamp(),
                Pstamp = reader.ReadStamp(),
                Sstamp = reader.ReadStamp(),
                Scstamp = reader.ReadStamp(),
                InstalledAt = installedAt,
                ByOutcome = true,
            });
        }

        Quota? quota = Quota.Read(ref reader);
        quota?.ChangedAt = installedAt;
        return new KeyCopy { Key = key, SettledValue = settled, SettledCstamp = cstamp, Versions = versions, Quota = quota };
    }
}
