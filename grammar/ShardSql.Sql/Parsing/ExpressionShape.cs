using System;
using System.Collections.Generic;
using ShardSql.Sql.Tree;

namespace ShardSql.Sql.Parsing;

/// <summary>The shape of a post-order node list.</summary>
internal static class ExpressionShape
{
    /// <summary>Levels of the tree; −1 when the list is no tree.</summary>
    public static int Depth(IReadOnlyList<ExpressionNode> nodes)
    {
        var depths = new List<int>();
        foreach (ExpressionNode node in nodes)
        {
            if (node.Children > depths.Count)
            {
                return -1;
            }

            int children = (int)node.Children;
            int deepest = 0;
            for (int i = depths.Count - children; i < depths.Count; i++)
            {
                deepest = Math.Max(deepest, depths[i]);
            }

            depths.RemoveRange(depths.Count - children, children);
            depths.Add(deepest + 1);
        }

        return depths.Count == 1 ? depths[0] : -1;
    }
}
