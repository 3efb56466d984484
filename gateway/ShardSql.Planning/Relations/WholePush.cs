using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Relations;

/// <summary>Sends a query of relational operators whole to the shard that holds all its rows.</summary>
internal static class WholePush
{
    /// <summary>The one task; null: the rows are on several shards, or at the gateway.</summary>
    public static ShardTask? TryTask(RelationBuild build, RelationPlan plan, PlanningContext context)
    {
        if (HomeOf(build, context) is not { } home || !IsShallow(plan))
        {
            return null;
        }

        PlanningContext there = context with { PreferredShard = home };
        RelationPlan pushed = plan.Clone();
        LeaveLookUps(pushed.Root);
        foreach (RelationNode shared in pushed.Shared)
        {
            LeaveLookUps(shared);
        }

        var tables = new SortedDictionary<uint, TableGuard>();
        var segments = new SortedDictionary<SegmentId, SegmentGuard>();
        foreach (RelationSourceTemplate source in build.Sources)
        {
            TableAccess access = source.Access(there)!;
            tables[access.Visited.Id] = new TableGuard(access.Visited.Id, access.Visited.Version);
            ShardAccess? visited = null;
            foreach (ShardAccess shard in access.Shards)
            {
                visited = shard;
                foreach (SegmentGuard guard in FragmentBuilder.Guards(shard))
                {
                    segments[guard.Segment] = guard;
                }
            }

            pushed.Scans.Add(source.Scan(access, visited ?? new ShardAccess(home)));
        }

        SqlValue[] parameters = build.Binding.For(context).ParameterValues;
        return new ShardTask
        {
            Shard = home,
            Fragment = new Fragment { Statements = { new FragmentStatement { Relation = pushed } } }.ToByteArray(),
            Parameters = parameters.Length > 0 ? RowCodec.ToBytes(parameters) : [],
            Tables = [.. tables.Values],
            Segments = [.. segments.Values],
        };
    }

    /// <summary>The shard on which all sources are; copies of reference tables are on every one.</summary>
    private static ShardId? HomeOf(RelationBuild build, PlanningContext context)
    {
        ShardId? home = null;
        bool isBound = false;
        foreach (RelationSourceTemplate source in build.Sources)
        {
            if (source.Access(context) is not { IsLookUp: false } access)
            {
                return null;
            }

            bool isCopied = access.Table.Placement == PlacementKind.Reference;
            foreach (ShardAccess shard in access.Shards)
            {
                if (isCopied && (isBound || home is not null))
                {
                    continue;
                }

                if (isBound && shard.Shard != home)
                {
                    return null;
                }

                home = shard.Shard;
                isBound |= !isCopied;
            }
        }

        return home;
    }

    private static bool IsShallow(RelationPlan plan)
    {
        int deepest = RelationTree.Depth(plan.Root);
        foreach (RelationNode shared in plan.Shared)
        {
            deepest = System.Math.Max(deepest, RelationTree.Depth(shared));
        }

        return deepest <= RelationTree.PushedDepthMax;
    }

    /// <summary>At a shard a look-up is no cheaper than the scan that the plan names.</summary>
    private static void LeaveLookUps(RelationNode node)
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
