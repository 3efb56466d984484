using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>By which columns a table may be asked for single rows: as many leading ones of its key as tell the
/// shard.</summary>
internal static class LookupColumns
{
    /// <summary>Their ordinals.</summary>
    public static IReadOnlyList<int> Of(TableDescriptor table)
    {
        int count = Math.Max(1, table.ShardKey.Count);
        var columns = new List<int>(count);
        for (int i = 0; i < count; i++)
        {
            columns.Add(table.KeyColumns[i]);
        }

        return table.Columns[columns[0]].Hidden ? [] : columns;
    }

    /// <summary>Lets a join look up its right side, where its keys tell these columns, or those of an index.</summary>
    /// <param name="join">The join; its keys are in the order of <paramref name="keys"/>.</param>
    /// <param name="leaf">The right side.</param>
    /// <param name="keys">The right side's keys, over provisional places.</param>
    /// <param name="source">Where the right side's rows come from.</param>
    public static void Offer(JoinNode join, FromLeaf leaf, List<Expression> keys, RelationSourceTemplate source)
    {
        TableDescriptor table = leaf.Table!;
        int[] known = [.. Enumerable.Range(0, table.Columns.Count).Where(o => KeyOf(join, leaf, keys, o) >= 0)];
        IReadOnlyList<int> columns = Of(table);
        if (columns.Count == 0 || columns.Except(known).Any())
        {
            if (BestIndex(table, known) is not { } index)
            {
                return;
            }

            columns = [.. index.Columns.TakeWhile(known.Contains)];
            source.AskBy(index, columns);
        }

        join.LooksUp = true;
        join.LookupKeys.AddRange(columns.Select(o => (uint)KeyOf(join, leaf, keys, o)));
    }

    /// <summary>The index of which most is known. Entries of a GLOBAL one are placed by all its columns together; those of a
    /// LOCAL one are asked for on all shards. Of a reference table every shard has all rows: a join there costs less.</summary>
    private static IndexDescriptor? BestIndex(TableDescriptor table, int[] known) =>
        table.Placement == PlacementKind.Reference
            ? null
            : table.Indexes
                .Where(i => i.IsReadable && (i.IsGlobal ? !i.Columns.Except(known).Any() : known.Contains(i.Columns[0])))
                .OrderByDescending(i => i.Columns.TakeWhile(known.Contains).Count())
                .ThenByDescending(i => i.IsUnique)
                .ThenBy(i => i.Number)
                .FirstOrDefault();

    /// <summary>The place of the key that is a column of the right side; −1: none is.</summary>
    private static int KeyOf(JoinNode join, FromLeaf leaf, List<Expression> keys, int ordinal) =>
        keys.FindIndex(k => BoundNodes.ColumnOf(k) == (int)leaf.First + ordinal
            && k.Nodes[0].Type.Kind == TypeOf(join, keys.IndexOf(k)));

    /// <summary>The type in which a key is compared.</summary>
    private static SqlKind TypeOf(JoinNode join, int key) =>
        Sql.Expressions.BoundExpression.FromMessage(Expression.Parser.ParseFrom(join.RightKeys[key])).Type.Kind;
}
