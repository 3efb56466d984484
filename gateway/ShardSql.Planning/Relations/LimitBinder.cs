using ShardSql.Execution.Plans;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Relations;

/// <summary>Binds LIMIT and OFFSET, which read parameters and no rows.</summary>
internal sealed class LimitBinder(RelationBuild build, SubqueryFrame? outer, CommonTables? tables)
{
    /// <summary>What limits the query; null: nothing.</summary>
    public LimitNode? Bind(Select select)
    {
        if (select.Limit is null && select.Offset is null)
        {
            return null;
        }

        return new LimitNode { Limit = Bind(select.Limit, "LIMIT"), Offset = Bind(select.Offset, "OFFSET") };
    }

    private Google.Protobuf.ByteString Bind(Expression? count, string clause)
    {
        if (count is null || count.Nodes.Count == 0)
        {
            return Google.Protobuf.ByteString.Empty;
        }

        var rewriter = new ExpressionRewriter(build, new Stage(), FromNames.None, outer, tables) { Clause = clause };
        Expression value = rewriter.Rewrite(count);
        if (BoundNodes.Contains(value, static n => n.Op == ExpressionOp.BoundColumn))
        {
            throw new Sql.SqlException(
                Sql.SqlStates.FeatureNotSupported,
                $"a query in {clause} is not supported",
                (int)count.Nodes[^1].Position)
            {
                Hint = "Read its result first, then pass it as a parameter.",
            };
        }

        return Google.Protobuf.MessageExtensions.ToByteString(
            BoundExpression.AssignmentFromMessage(value, SqlType.Int64).ToMessage());
    }
}
