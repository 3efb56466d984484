using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Gateway.Layouts;

/// <summary>One step on the way from one layout to another. A step that has been done finds nothing to do, so it may be
/// begun again.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Shard">The shard; 0 for <see cref="LayoutStepKind.Mark"/>, too.</param>
/// <param name="Nodes">The node, or all that hold a new shard.</param>
internal sealed record LayoutStep(LayoutStepKind Kind, ShardId Shard, IReadOnlyList<NodeId> Nodes)
{
    /// <summary>The one node.</summary>
    public NodeId Node => Nodes[0];

    /// <summary>The step in words.</summary>
    public string Text => Kind switch
    {
        LayoutStepKind.Mark => $"mark {Node}",
        LayoutStepKind.HandOver => $"hand over {Shard} from {Node}",
        LayoutStepKind.AddReplica => $"add replica of {Shard} on {Node}",
        LayoutStepKind.RemoveReplica => $"remove replica of {Shard} from {Node}",
        LayoutStepKind.CreateShard => $"create {Shard} on {string.Join(", ", Nodes)}",
        LayoutStepKind.FillShard => $"fill {Shard}",
        LayoutStepKind.OpenShard => $"open {Shard}",
        LayoutStepKind.CloseShard => $"close {Shard}",
        _ => $"drop {Shard}",
    };

    /// <summary>As part of a row of the system shard.</summary>
    public void Write(ByteWriter writer)
    {
        writer.WriteByte((byte)Kind);
        writer.WriteVarint(Shard.Value);
        writer.WriteVarint((ulong)Nodes.Count);
        foreach (NodeId node in Nodes)
        {
            writer.WriteVarint(node.Value);
        }
    }

    /// <summary>From part of a row of the system shard.</summary>
    public static LayoutStep Read(ref ByteReader reader)
    {
        var kind = (LayoutStepKind)reader.ReadByte();
        var shard = new ShardId(reader.ReadVarint32());
        var nodes = new NodeId[reader.ReadCount()];
        for (int i = 0; i < nodes.Length; i++)
        {
            nodes[i] = new NodeId(reader.ReadVarint32());
        }

        return new LayoutStep(kind, shard, nodes);
    }
}
