using ShardSql.Planning.Maps;
using ShardSql.Primitives;

namespace ShardSql.Planning.Catalogs;

/// <summary>
/// The one row that every change of catalog or shard map reads and writes, so that two changes at once conflict: the
/// versions and the next ids.
/// </summary>
public sealed record CatalogHeader(
    ulong Version, ulong MapVersion, uint NextTableId, uint NextGroupId, uint NextSegmentId)
{
    private const byte FormatVersion = 1;

    /// <summary>Of a new cluster.</summary>
    public static CatalogHeader Initial { get; } = new(1, 1, Catalog.FirstTableId, Catalog.FirstGroupId, 1);

    /// <summary>Whether another has come after it.</summary>
    public bool IsBefore(CatalogHeader other)
    {
        System.ArgumentNullException.ThrowIfNull(other);
        return Version < other.Version || MapVersion < other.MapVersion;
    }

    /// <summary>As a row of the system shard.</summary>
    public byte[] Encode()
    {
        var writer = new ByteWriter(32);
        writer.WriteByte(FormatVersion);
        writer.WriteVarint(Version);
        writer.WriteVarint(MapVersion);
        writer.WriteVarint(NextTableId);
        writer.WriteVarint(NextGroupId);
        writer.WriteVarint(NextSegmentId);
        return writer.ToArray();
    }

    /// <summary>From a row of the system shard.</summary>
    public static CatalogHeader Decode(byte[] row)
    {
        var reader = new ByteReader(row);
        byte version = reader.ReadByte();
        var header = new CatalogHeader(
            reader.ReadVarint(),
            reader.ReadVarint(),
            reader.ReadVarint32(),
            reader.ReadVarint32(),
            reader.ReadVarint32());
        Invariant.Check(version == FormatVersion && reader.EndedWell, "The stored catalog header is whole.");
        return header;
    }
}
