using System.Collections.Generic;
using System.Linq;
using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>
/// Finds the largest parts of a plan that shards can run by themselves, and puts a stream in the place of each: joins of
/// rows that lie together, with what filters and projects them; partial aggregates over such rows, which the gateway
/// merges; the best or the distinct rows of each shard, of which the gateway takes the best or the distinct ones.
/// </summary>
internal sealed class PartFinder
{
    private readonly RelationBuild _build;
    private readonly List<PushedPart> _parts = [];

    private PartFinder(RelationBuild build) => _build = build;

    /// <summary>The plan with streams from its parts, which are numbered after the sources.</summary>
    public static (RelationPlan Plan, IReadOnlyList<PushedPart> Parts) Divide(RelationBuild build, RelationPlan plan)
    {
        var finder = new PartFinder(build);
        RelationPlan divided = plan.Clone();
        finder.Divide(divided.Root);
        foreach (RelationNode shared in divided.Shared)
        {
            finder.Divide(shared);
        }

        return (divided, finder._parts);
    }

    private void Divide(RelationNode node)
    {
        switch (node.KindCase)
        {
            case RelationNode.KindOneofCase.Aggregate when TryAggregate(node.Aggregate):
            case RelationNode.KindOneofCase.Sort when node.Sort.Keep is not null && TryBelow(node, node.Sort.Input):
            case RelationNode.KindOneofCase.Distinct when TryBelow(node, node.Distinct.Input):
            case RelationNode.KindOneofCase.Join or RelationNode.KindOneofCase.Project or RelationNode.KindOneofCase.Filter
                when HoldsJoin(node) && TryPush(node.Clone(), node, node):
                return;
        }

        foreach (RelationNode input in RelationTree.Inputs(node))
        {
            Divide(input);
        }
    }

    /// <summary>Each shard aggregates its rows, the gateway merges the partials.</summary>
    private bool TryAggregate(AggregateNode node)
    {
        int width = node.Aggregation.Groups.Count;
        foreach (ByteString call in node.Aggregation.Aggregates)
        {
            AggregateCall aggregate = AggregateCall.FromMessage(Expression.Parser.ParseFrom(call));
            if (aggregate.IsDistinct)
            {
                return false;
            }

            width += aggregate.PartialTypes.Count;
        }

        var partial = new RelationNode { Aggregate = node.Clone() };
        partial.Aggregate.Aggregation.Partial = true;
        if (!TryPush(partial, node.Input, node.Input, width))
        {
            return false;
        }

        node.Merges = true;
        return true;
    }

    /// <summary>Each shard does for its rows what the gateway does again for what they give.</summary>
    private bool TryBelow(RelationNode node, RelationNode input) => TryPush(node.Clone(), input, input);

    /// <summary>Puts a stream in the place of an operator.</summary>
    /// <param name="root">What the shards run.</param>
    /// <param name="rows">Of which the rows' places are known.</param>
    /// <param name="place">What becomes the stream.</param>
    /// <param name="width">Columns of the stream's rows; null: as many as the rows have.</param>
    private bool TryPush(RelationNode root, RelationNode rows, RelationNode place, int? width = null)
    {
        if (RowPlaces.Of(rows, _build.Sources) is not { Group: not null } places
            || !RelationTree.IsStatic(root, _build.Parameters)
            || RelationTree.Depth(root) > RelationTree.PushedDepthMax)
        {
            return false;
        }

        var sources = new List<RelationSourceTemplate>();
        Number(root, sources);
        RelationTask.LeaveLookUps(root);
        _parts.Add(new PushedPart(new RelationPlan { Root = root, Parameters = _build.Parameters }, sources));
        uint given = (uint)(width ?? places.Width);
        place.Stream = new StreamNode { Source = (uint)(_build.Sources.Count + _parts.Count - 1), Width = given };
        place.Stream.Columns.AddRange(Enumerable.Range(0, (int)given).Select(static i => (uint)i));
        return true;
    }

    /// <summary>The part's own numbers for its streams.</summary>
    private void Number(RelationNode node, List<RelationSourceTemplate> sources)
    {
        if (node.KindCase == RelationNode.KindOneofCase.Stream)
        {
            sources.Add(_build.Sources[(int)node.Stream.Source]);
            node.Stream.Source = (uint)sources.Count - 1;
        }

        foreach (RelationNode input in RelationTree.Inputs(node))
        {
            Number(input, sources);
        }
    }

    private static bool HoldsJoin(RelationNode node) => node.KindCase == RelationNode.KindOneofCase.Join
        || RelationTree.Inputs(node).Any(HoldsJoin);
}
