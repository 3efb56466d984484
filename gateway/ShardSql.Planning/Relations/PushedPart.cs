using System.Collections.Generic;
using System.Linq;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Relations;

/// <summary>
/// A part of a query that each shard runs by itself, because rows that meet in it lie on the same shard; what the shards
/// give, put together, is what the part gives.
/// </summary>
/// <param name="plan">Its operators; its streams are numbered by <paramref name="sources"/>.</param>
/// <param name="sources">Its tables.</param>
internal sealed class PushedPart(RelationPlan plan, IReadOnlyList<RelationSourceTemplate> sources)
{
    /// <summary>The operators.</summary>
    public RelationNode Root => plan.Root;

    /// <summary>Its tables, by the numbers of its streams.</summary>
    public IReadOnlyList<RelationSourceTemplate> Sources => sources;

    /// <summary>A task for each shard that has rows of it; null: with these values of parameters some rows are found by
    /// entries that lie elsewhere, and the part cannot be pushed.</summary>
    public IReadOnlyList<ShardTask>? TryTasks(RelationBuild build, PlanningContext context)
    {
        var accesses = new List<TableAccess>(sources.Count);
        foreach (RelationSourceTemplate source in sources)
        {
            if (source.Access(context) is not { IsLookUp: false } access || access.Visited.Id != access.Table.Id)
            {
                return null;
            }

            accesses.Add(access);
        }

        SqlValue[] values = build.Binding.For(context).ParameterValues;
        return [.. ShardsOf(plan.Root, accesses)!.Select(
            shard => RelationTask.Of(shard, plan.Clone(), sources, At(shard, accesses, context), values))];
    }

    /// <summary>A copy of a reference table is read alike on whichever shard it is.</summary>
    private List<TableAccess> At(ShardId shard, List<TableAccess> accesses, PlanningContext context) =>
    [
        .. accesses.Select((access, i) => access.Table.Placement == PlacementKind.Reference
            ? sources[i].Access(context with { PreferredShard = shard })!
            : access),
    ];

    /// <summary>The shards on which a part may give rows; null: reference tables alone do, anywhere.</summary>
    private static SortedSet<ShardId>? ShardsOf(RelationNode node, List<TableAccess> accesses)
    {
        if (node.KindCase == RelationNode.KindOneofCase.Stream)
        {
            TableAccess access = accesses[(int)node.Stream.Source];
            return access.Table.Placement == PlacementKind.Reference
                ? null
                : [.. access.Shards.Select(static shard => shard.Shard)];
        }

        if (node.KindCase != RelationNode.KindOneofCase.Join)
        {
            return ShardsOf(RelationTree.Inputs(node)[0], accesses);
        }

        SortedSet<ShardId>? left = ShardsOf(node.Join.Left, accesses);
        SortedSet<ShardId>? right = ShardsOf(node.Join.Right, accesses);
        if (left is null || right is null)
        {
            return left ?? right;
        }

        return node.Join.Kind switch
        {
            RelationJoinKind.Inner => [.. left.Intersect(right)],
            RelationJoinKind.Left => left,
            RelationJoinKind.Right => right,
            _ => [.. left.Union(right)],
        };
    }
}
