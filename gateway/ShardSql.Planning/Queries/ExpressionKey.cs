using Google.Protobuf;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Queries;

/// <summary>Whether two expressions are written the same: without positions and redundant qualifiers.</summary>
internal static class ExpressionKey
{
    /// <summary>A text that is equal for expressions that are the same.</summary>
    public static string Of(Expression expression)
    {
        Expression plain = expression.Clone();
        foreach (ExpressionNode node in plain.Nodes)
        {
            node.Position = 0;
            node.Qualifier = string.Empty;
            node.Schema = string.Empty;
        }

        return plain.ToByteString().ToBase64();
    }
}
