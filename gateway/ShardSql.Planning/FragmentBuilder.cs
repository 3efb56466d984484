using System;
using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>
/// Makes the shard tasks of a statement on one table. A plan comes in two parts: what is the same for all executions, in
/// bytes, and what is not. Messages that follow each other are one message with the fields of both.
/// </summary>
internal static class FragmentBuilder
{
    private const int LengthDelimited = 2;

    /// <summary>A task for each shard. Of the copies of a reference table only the first counts rows.</summary>
    /// <param name="table">The table.</param>
    /// <param name="binding">Knows the parameters, and whether the plan reads them.</param>
    /// <param name="shards">The shards.</param>
    /// <param name="plan">Which plan of FragmentStatement it is, by field number.</param>
    /// <param name="body">The common part of the plan for a shard, given whether it is the first.</param>
    /// <param name="own">The rest of it.</param>
    public static IReadOnlyList<ShardTask> Build(
        TableDescriptor table,
        Binding binding,
        IReadOnlyCollection<ShardAccess> shards,
        int plan,
        Func<bool, byte[]> body,
        Func<ShardAccess, IMessage> own) => Build(
            table, binding.UsesParameters ? RowCodec.ToBytes(binding.ParameterValues) : [], shards, plan, body, own);

    /// <summary>The same where the parameters that the plan reads are bytes already.</summary>
    public static IReadOnlyList<ShardTask> Build(
        TableDescriptor table,
        byte[] parameters,
        IReadOnlyCollection<ShardAccess> shards,
        int plan,
        Func<bool, byte[]> body,
        Func<ShardAccess, IMessage> own)
    {
        var tasks = new List<ShardTask>(shards.Count);
        foreach (ShardAccess shard in shards)
        {
            tasks.Add(new ShardTask
            {
                Shard = shard.Shard,
                Fragment = Fragment(plan, body(tasks.Count == 0), own(shard)),
                Parameters = parameters,
                Tables = [new TableGuard(table.Id, table.Version)],
                Segments = Guards(shard),
                CountsRows = table.Placement != PlacementKind.Reference || tasks.Count == 0,
            });
        }

        return tasks;
    }

    private static byte[] Fragment(int plan, byte[] body, IMessage own)
    {
        int ownSize = own.CalculateSize();
        int planSize = body.Length + ownSize;
        int statementSize = 1 + CodedOutputStream.ComputeLengthSize(planSize) + planSize;
        var writer = new ByteWriter(1 + CodedOutputStream.ComputeLengthSize(statementSize) + statementSize);
        writer.WriteVarint((Execution.Plans.Fragment.StatementsFieldNumber << 3) | LengthDelimited);
        writer.WriteVarint((ulong)statementSize);
        writer.WriteVarint((ulong)((plan << 3) | LengthDelimited));
        writer.WriteVarint((ulong)planSize);
        writer.WriteRaw(body);
        own.WriteTo(writer.GetSpan(ownSize)[..ownSize]);
        writer.Advance(ownSize);
        return writer.ToArray();
    }

    /// <summary>The segments of a shard, as the plan was made with them.</summary>
    public static List<SegmentGuard> Guards(ShardAccess shard)
    {
        var guards = new List<SegmentGuard>(shard.Segments.Count);
        foreach (Segment segment in shard.Segments)
        {
            guards.Add(new SegmentGuard(segment.Id, segment.Epoch));
        }

        return guards;
    }
}
