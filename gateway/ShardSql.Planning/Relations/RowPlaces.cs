using System.Collections.Generic;
using System.Linq;
using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>
/// What is known of where the rows of an operator lie: of which colocation group they are, and which of their columns
/// hold the values of the group's shard key. Rows with equal values lie on one shard.
/// </summary>
/// <param name="Width">Columns of a row.</param>
/// <param name="Group">The colocation group; null: rows of reference tables, which are on every shard.</param>
/// <param name="Keys">For each column of the shard key, where its value stands; nowhere where that is not known.</param>
internal sealed record RowPlaces(int Width, uint? Group, IReadOnlyList<IReadOnlyList<int>> Keys)
{
    /// <summary>The places of an operator's rows; null: its rows do not lie on the shards, or not so that each shard can
    /// make its own of them.</summary>
    public static RowPlaces? Of(RelationNode node, IReadOnlyList<RelationSourceTemplate> sources) => node.KindCase switch
    {
        RelationNode.KindOneofCase.Stream => OfStream(node.Stream, sources[(int)node.Stream.Source]),
        RelationNode.KindOneofCase.Filter => Of(node.Filter.Input, sources),
        RelationNode.KindOneofCase.Project => OfProject(node.Project, sources),
        RelationNode.KindOneofCase.Join => OfJoin(node.Join, sources),
        _ => null,
    };

    private static RowPlaces? OfStream(StreamNode stream, RelationSourceTemplate source)
    {
        bool isPlain = stream.Columns.Count == stream.Width && stream.Columns.Select((c, i) => c == i).All(same => same);
        if (source.Table is not { } table || !isPlain)
        {
            return null;
        }

        return table.Placement == PlacementKind.Reference
            ? new RowPlaces((int)stream.Width, null, [])
            : new RowPlaces(
                (int)stream.Width,
                table.GroupId,
                [.. table.ShardKey.Select(key => (IReadOnlyList<int>)[.. source.PlacesOf(key)])]);
    }

    private static RowPlaces? OfProject(ProjectNode project, IReadOnlyList<RelationSourceTemplate> sources)
    {
        if (Of(project.Input, sources) is not { } input)
        {
            return null;
        }

        List<int?> columns = [.. project.Expressions.Select(ColumnOf)];
        return input with
        {
            Width = columns.Count,
            Keys = [.. input.Keys.Select(places => (IReadOnlyList<int>)[.. Enumerable.Range(0, columns.Count)
                .Where(i => columns[i] is { } column && places.Contains(column))])],
        };
    }

    private static RowPlaces? OfJoin(JoinNode join, IReadOnlyList<RelationSourceTemplate> sources)
    {
        if (join.LeftKeys.Count == 0
            || (join.LooksUp && HasCondition(join.Left, sources))
            || Of(join.Left, sources) is not { } left
            || Of(join.Right, sources) is not { } right)
        {
            return null;
        }

        int width = left.Width + right.Width;
        IReadOnlyList<IReadOnlyList<int>> ofRight = right.Shifted(left.Width);
        bool keepsLeft = join.Kind is RelationJoinKind.Left or RelationJoinKind.Full;
        bool keepsRight = join.Kind is RelationJoinKind.Right or RelationJoinKind.Full;
        if (left.Group is null || right.Group is null)
        {
            // A row of a reference table that finds no partner here may find one on another shard.
            bool isWhole = (left.Group is not null || !keepsLeft || right.Group is null)
                && (right.Group is not null || !keepsRight || left.Group is null);
            return !isWhole ? null
                : left.Group is not null ? left with { Width = width }
                : new RowPlaces(width, right.Group, ofRight);
        }

        if (left.Group != right.Group || !Meets(join, left, right))
        {
            return null;
        }

        // The side that an outer join fills with NULLs tells nothing.
        return new RowPlaces(width, left.Group, [.. left.Keys.Select((places, i) => (IReadOnlyList<int>)
            [.. keepsRight ? [] : places, .. keepsLeft ? [] : ofRight[i]])]);
    }

    /// <summary>Whether only rows with the same shard key meet.</summary>
    private static bool Meets(JoinNode join, RowPlaces left, RowPlaces right)
    {
        for (int key = 0; key < left.Keys.Count; key++)
        {
            bool isEqual = false;
            for (int i = 0; i < join.LeftKeys.Count; i++)
            {
                isEqual |= ColumnOf(join.LeftKeys[i]) is { } one && left.Keys[key].Contains(one)
                    && ColumnOf(join.RightKeys[i]) is { } other && right.Keys[key].Contains(other);
            }

            if (!isEqual)
            {
                return false;
            }
        }

        return left.Keys.Count > 0;
    }

    /// <summary>With conditions on the left the gateway does better: it looks up the partners of the few rows that are
    /// left.</summary>
    private static bool HasCondition(RelationNode node, IReadOnlyList<RelationSourceTemplate> sources) =>
        node.KindCase == RelationNode.KindOneofCase.Filter
        || (node.KindCase == RelationNode.KindOneofCase.Stream && sources[(int)node.Stream.Source].HasCondition)
        || RelationTree.Inputs(node).Any(input => HasCondition(input, sources));

    private static int? ColumnOf(ByteString expression) =>
        Expression.Parser.ParseFrom(expression).Nodes is [{ Op: ExpressionOp.BoundColumn } column]
            ? (int)column.Ordinal
            : null;

    private IReadOnlyList<IReadOnlyList<int>> Shifted(int by) =>
        [.. Keys.Select(places => (IReadOnlyList<int>)[.. places.Select(place => place + by)])];
}
