using System;
using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Gateway.Catalogs;

/// <summary>What a cluster is from its first day on: its id, its database, its data shards.</summary>
/// <param name="ClusterId">Minted when the cluster was made.</param>
/// <param name="Database">Its one database.</param>
/// <param name="DataShards">The shards that hold users' rows.</param>
internal sealed record ClusterIdentity(Guid ClusterId, string Database, IReadOnlyList<ShardId> DataShards)
{
    private const byte FormatVersion = 1;

    /// <summary>As a row of the system shard.</summary>
    public byte[] Encode()
    {
        var writer = new ByteWriter(64);
        writer.WriteByte(FormatVersion);
        writer.WriteRaw(ClusterId.ToByteArray(bigEndian: true));
        writer.WriteString(Database);
        writer.WriteVarint((ulong)DataShards.Count);
        foreach (ShardId shard in DataShards)
        {
            writer.WriteVarint(shard.Value);
        }

        return writer.ToArray();
    }

    /// <summary>From a row of the system shard.</summary>
    public static ClusterIdentity Decode(byte[] row)
    {
        var reader = new ByteReader(row);
        byte version = reader.ReadByte();
        ReadOnlySpan<byte> id = reader.ReadRaw(16);
        string database = reader.ReadString();
        var shards = new List<ShardId>();
        for (int i = reader.ReadCount(); i > 0; i--)
        {
            shards.Add(new ShardId(reader.ReadVarint32()));
        }

        Invariant.Check(version == FormatVersion && reader.EndedWell, "The stored cluster identity is whole.");
        return new ClusterIdentity(new Guid(id, bigEndian: true), database, shards);
    }
}
