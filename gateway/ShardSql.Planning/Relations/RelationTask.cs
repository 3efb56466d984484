using System.Collections.Generic;
using System.Linq;
using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Relations;

/// <summary>Operators that a shard runs by itself.</summary>
internal static class RelationTask
{
    /// <summary>The task of a shard.</summary>
    /// <param name="shard">Where.</param>
    /// <param name="plan">The operators: a copy of its own, which gets the scans.</param>
    /// <param name="sources">The tables, by the numbers of the plan's streams.</param>
    /// <param name="accesses">How each is reached.</param>
    /// <param name="values">Values of the statement's parameters.</param>
    public static ShardTask Of(
        ShardId shard,
        RelationPlan plan,
        IReadOnlyList<RelationSourceTemplate> sources,
        IReadOnlyList<TableAccess> accesses,
        SqlValue[] values)
    {
        var tables = new SortedDictionary<uint, TableGuard>();
        var segments = new SortedDictionary<SegmentId, SegmentGuard>();
        for (int i = 0; i < sources.Count; i++)
        {
            TableAccess access = accesses[i];
            tables[access.Visited.Id] = new TableGuard(access.Visited.Id, access.Visited.Version);
            ShardAccess visited = access.Shards.FirstOrDefault(one => one.Shard == shard) ?? new ShardAccess(shard);
            foreach (SegmentGuard guard in FragmentBuilder.Guards(visited))
            {
                segments[guard.Segment] = guard;
            }

            plan.Scans.Add(sources[i].Scan(access, visited));
        }

        return new ShardTask
        {
            Shard = shard,
            Fragment = new Fragment { Statements = { new FragmentStatement { Relation = plan } } }.ToByteArray(),
            Parameters = values.Length > 0 ? RowCodec.ToBytes(values) : [],
            Tables = [.. tables.Values],
            Segments = [.. segments.Values],
        };
    }

    /// <summary>At a shard a look-up is no cheaper than the scan that the plan names.</summary>
    public static void LeaveLookUps(RelationNode node)
    {
        if (node.KindCase == RelationNode.KindOneofCase.Join)
        {
            node.Join.LooksUp = false;
        }

        foreach (RelationNode input in RelationTree.Inputs(node))
        {
            LeaveLookUps(input);
        }
    }
}
