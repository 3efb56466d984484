using System.Linq;
using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <summary>Replaces what is constant by its value.</summary>
internal static class Folding
{
    /// <summary>The node, or the constant that it is. One whose evaluation fails stays: it may never be
    /// reached.</summary>
    public static Node Fold(Node node)
    {
        if (!node.IsVolatile && node is ComparisonNode or ArithmeticNode
            && node.Children.Any(c => c is ConstantNode { Value.IsNull: true }))
        {
            // PostgreSQL: what is NULL in any case is not computed, nor fails.
            return new ConstantNode(SqlValue.NullOf(node.Type.Kind), node.Type, node.Position);
        }

        if (node.IsVolatile || node is ConstantNode or RowNode || !node.Children.All(IsConstant))
        {
            return node;
        }

        if (node is ColumnNode or ParameterNode or ParameterListNode)
        {
            return node;
        }

        try
        {
            SqlValue value = node.Evaluate(default);
            return new ConstantNode(
                value.IsNull ? SqlValue.NullOf(node.Type.Kind) : value, node.Type, node.Position);
        }
        catch (SqlException)
        {
            return node;
        }
    }

    private static bool IsConstant(Node node) =>
        node is ConstantNode || (node is RowNode && node.Children.All(c => c is ConstantNode));
}
