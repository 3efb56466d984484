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
        writer.WriteNodes(request.Nodes);
    }

    public static GroupRequest ReadRequest(ref ByteReader reader)
    {
        var wish = (GroupWish)reader.ReadByte();
        List<NodeId> nodes = reader.ReadNodes();
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
        writer.WriteNodes(reply.Voters);
    }

    public static GroupReply ReadReply(ref ByteReader reader) =>
        new(reader.ReadBoolean(), reader.ReadString(), reader.ReadNodes());
}
