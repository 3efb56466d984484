using System.Collections.Generic;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>Moves conditions with queries inside from ON of inner joins to WHERE, where they mean the same.</summary>
internal static class JoinQueries
{
    /// <summary>The tree without them; they are added to the conditions.</summary>
    public static FromTree Lift(FromTree tree, List<Expression> conditions)
    {
        if (tree is not FromJoin join)
        {
            return tree;
        }

        if (join.Kind is not (JoinKind.Inner or JoinKind.Cross))
        {
            return join;
        }

        var kept = new List<Expression>();
        foreach (Expression condition in join.On)
        {
            bool hasQuery = BoundNodes.Contains(condition, static n =>
                n.Op == ExpressionOp.BoundColumn && n.Ordinal >= Stage.FirstSubquery);
            (hasQuery ? conditions : kept).Add(condition);
        }

        return join with { Left = Lift(join.Left, conditions), Right = Lift(join.Right, conditions), On = kept };
    }
}
