using System.Collections.Generic;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Catalogs;

/// <summary>The foreign keys of a table as a part of its stored descriptor.</summary>
internal static class ForeignKeyCodec
{
    /// <summary>Appends them.</summary>
    public static void Write(ByteWriter writer, IReadOnlyList<ForeignKey> keys)
    {
        writer.WriteVarint((ulong)keys.Count);
        foreach (ForeignKey key in keys)
        {
            writer.WriteString(key.Name);
            WriteIds(writer, key.Columns);
            writer.WriteVarint(key.ParentId);
            WriteIds(writer, key.ParentColumns);
            writer.WriteBoolean(key.IsMatchFull);
            writer.WriteByte((byte)key.OnDelete);
            writer.WriteByte((byte)key.OnUpdate);
        }
    }

    /// <summary>Reads them.</summary>
    public static List<ForeignKey> Read(ref ByteReader reader)
    {
        int count = reader.ReadCount();
        var keys = new List<ForeignKey>(count);
        for (int i = 0; i < count && !reader.Failed; i++)
        {
            keys.Add(new ForeignKey
            {
                Name = reader.ReadString(),
                Columns = ReadIds(ref reader),
                ParentId = reader.ReadVarint32(),
                ParentColumns = ReadIds(ref reader),
                IsMatchFull = reader.ReadBoolean(),
                OnDelete = (ReferentialAction)reader.ReadByte(),
                OnUpdate = (ReferentialAction)reader.ReadByte(),
            });
        }

        return keys;
    }

    private static void WriteIds(ByteWriter writer, IReadOnlyList<uint> ids)
    {
        writer.WriteVarint((ulong)ids.Count);
        foreach (uint id in ids)
        {
            writer.WriteVarint(id);
        }
    }

    private static uint[] ReadIds(ref ByteReader reader)
    {
        uint[] ids = new uint[reader.ReadCount()];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = reader.ReadVarint32();
        }

        return ids;
    }
}
