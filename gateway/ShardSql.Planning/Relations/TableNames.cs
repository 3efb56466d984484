using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>Gives a bound condition on one table its names back, as the planning of access reads them.</summary>
internal static class TableNames
{
    /// <summary>The condition in the table's own names.</summary>
    public static Expression Restore(Expression condition, FromLeaf leaf, Binding binding)
    {
        Expression restored = condition.Clone();
        foreach (ExpressionNode node in restored.Nodes)
        {
            if (node.Op == ExpressionOp.BoundColumn)
            {
                node.Op = ExpressionOp.Column;
                node.Name = leaf.Table!.Columns[(int)(node.Ordinal - leaf.First)].Name;
                node.Qualifier = leaf.Source!.Qualifier;
                node.Ordinal = 0;
                node.Type = null;
                node.Flag = false;
            }
            else if (node.Op == ExpressionOp.BoundParameter)
            {
                node.Op = ExpressionOp.Parameter;
                node.Name = binding.ParameterName((int)node.Ordinal);
                node.Ordinal = 0;
                node.Type = node.Flag ? node.Type : null;
            }
        }

        return restored;
    }
}
