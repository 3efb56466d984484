using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>Operators of some parts of FROM joined, and where their columns are.</summary>
internal sealed record JoinedRows(RelationNode Node, List<FromLeaf> Leaves, Dictionary<uint, uint> Layout, uint Width)
{
    /// <summary>The one part, where a plain source gives it: then it may be asked for keys.</summary>
    public FromLeaf? Plain { get; init; }

    /// <summary>Places an expression over these rows.</summary>
    public Expression Place(Expression expression)
    {
        Expression placed = expression.Clone();
        foreach (ExpressionNode node in placed.Nodes)
        {
            if (node.Op == ExpressionOp.BoundColumn)
            {
                node.Ordinal = Layout[node.Ordinal];
            }
        }

        return placed;
    }
}
