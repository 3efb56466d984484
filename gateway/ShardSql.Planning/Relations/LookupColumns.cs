using System;
using System.Collections.Generic;
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

    /// <summary>Lets a join look up its right side, where its keys tell these columns.</summary>
    /// <param name="join">The join; its keys are in the order of <paramref name="keys"/>.</param>
    /// <param name="leaf">The right side.</param>
    /// <param name="keys">The right side's keys, over provisional places.</param>
    public static void Offer(JoinNode join, FromLeaf leaf, List<Expression> keys)
    {
        var places = new List<uint>();
        foreach (int ordinal in Of(leaf.Table!))
        {
            int key = keys.FindIndex(k => BoundNodes.ColumnOf(k) == (int)leaf.First + ordinal
                && k.Nodes[0].Type.Kind == TypeOf(join, keys.IndexOf(k)));
            if (key < 0)
            {
                return;
            }

            places.Add((uint)key);
        }

        join.LooksUp = places.Count > 0;
        join.LookupKeys.AddRange(places);
    }

    /// <summary>The type in which a key is compared.</summary>
    private static SqlKind TypeOf(JoinNode join, int key) =>
        Sql.Expressions.BoundExpression.FromMessage(Expression.Parser.ParseFrom(join.RightKeys[key])).Type.Kind;
}
