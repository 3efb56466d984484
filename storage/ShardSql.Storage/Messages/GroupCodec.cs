using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Storage.Client;

namespace ShardSql.Storage.Messages;

/// <summary>Requests and replies about a shard's group as bytes.</summary>
internal static class GroupCodec
{
    public static void Write(ByteWriter writer, GroupRequest request)
    {
        writer.WriteByte((byte)request.Wish);
        WriteNodes(writer, request.Nodes);
    }

    public static GroupRequest ReadRequest(ref ByteReader reader)
    {
        var wish = (GroupWish)reader.ReadByte();
        List<NodeId> nodes = ReadNodes(ref reader);
        if (wish is < GroupWish.Learns or > GroupWish.Leads || nodes.Count == 0
            || (wish != GroupWish.Voters && nodes.Count != 1))
        {
            reader.Fail();
        }

        return new GroupRequest(wish, nodes);
    }

    public static void Write(ByteWriter writer, GroupReply reply)
    {
        writer.WriteBoolean(reply.IsDone);
        writer.WriteString(reply.Why);
        WriteNodes(writer, reply.Voters);
    }

    public static GroupReply ReadReply(ref ByteReader reader) =>
        new(reader.ReadBoolean(), reader.ReadString(), ReadNodes(ref reader));

    private static void WriteNodes(ByteWriter writer, IReadOnlyList<NodeId> nodes)
    {
        writer.WriteVarint((ulong)nodes.Count);
        foreach (NodeId node in nodes)
        {
            writer.WriteVarint(node.Value);
        }
    }

    private static List<NodeId> ReadNodes(ref ByteReader reader)
    {
        int count = reader.ReadCount(1);
        var nodes = new List<NodeId>(count);
        for (int i = 0; i < count; i++)
        {
            nodes.Add(new NodeId(reader.ReadVarint32()));
        }

        return nodes;
    }
}
