using System.Collections.Generic;
using System.Linq;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;

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

        RelationPlan pushed = plan.Clone();
        RelationTask.LeaveLookUps(pushed.Root);
        foreach (RelationNode shared in pushed.Shared)
        {
            RelationTask.LeaveLookUps(shared);
        }

        PlanningContext there = context with { PreferredShard = home };
        List<TableAccess> accesses = [.. build.Sources.Select(source => source.Access(there)!)];
        return RelationTask.Of(
            home, pushed, build.Sources, accesses, build.Binding.For(context).ParameterValues);
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
}
