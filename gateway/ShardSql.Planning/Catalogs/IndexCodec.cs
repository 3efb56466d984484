using System.Collections.Generic;
using ShardSql.Primitives;

namespace ShardSql.Planning.Catalogs;

/// <summary>The indexes of a table as a part of its stored descriptor.</summary>
internal static class IndexCodec
{
    public static void Write(ByteWriter writer, IReadOnlyList<IndexDescriptor> indexes)
    {
        writer.WriteVarint((ulong)indexes.Count);
        foreach (IndexDescriptor index in indexes)
        {
            writer.WriteVarint(index.Number);
            writer.WriteString(index.Name);
            writer.WriteBoolean(index.IsUnique);
            writer.WriteBoolean(index.IsConstraint);
            writer.WriteByte((byte)index.State);
            TableDescriptorCodec.WriteOrdinals(writer, index.Columns);
            TableDescriptorCodec.WriteOrdinals(writer, index.Stored);
            writer.WriteVarint(index.EntriesTableId);
        }
    }

    public static List<IndexDescriptor> Read(ref ByteReader reader)
    {
        int count = reader.ReadCount();
        var indexes = new List<IndexDescriptor>(count);
        for (int i = 0; i < count && !reader.Failed; i++)
        {
            indexes.Add(new IndexDescriptor
            {
                Number = reader.ReadVarint32(),
                Name = reader.ReadString(),
                IsUnique = reader.ReadBoolean(),
                IsConstraint = reader.ReadBoolean(),
                State = (IndexState)reader.ReadByte(),
                Columns = TableDescriptorCodec.ReadOrdinals(ref reader),
                Stored = TableDescriptorCodec.ReadOrdinals(ref reader),
                EntriesTableId = reader.ReadVarint32(),
            });
        }

        return indexes;
    }
}
