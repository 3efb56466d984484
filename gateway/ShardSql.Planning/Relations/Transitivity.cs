using System.Collections.Generic;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>Of a = b and b = 5 makes a = 5: what is known of one side of an inner join is known of the other, and may
/// tell its shard.</summary>
internal static class Transitivity
{
    private const int RoundsMax = 16;

    /// <summary>Adds what follows from the conditions.</summary>
    public static void Extend(List<Conjunct> conditions, JoinPlanner planner)
    {
        var constants = new Dictionary<uint, Expression>();
        var pairs = new List<(ExpressionNode Left, ExpressionNode Right)>();
        foreach (Conjunct condition in conditions)
        {
            if (condition.HasQuery || condition.ReadsSlots || condition.Condition.Nodes is not
                [{ } left, { } right, { Op: ExpressionOp.Equal }])
            {
                continue;
            }

            bool isLeft = left.Op == ExpressionOp.BoundColumn;
            bool isRight = right.Op == ExpressionOp.BoundColumn;
            if (isLeft && isRight && left.Type.Equals(right.Type))
            {
                pairs.Add((left, right));
            }
            else if (isLeft != isRight)
            {
                constants.TryAdd((isLeft ? left : right).Ordinal, BoundNodes.Of(isLeft ? right : left));
            }
        }

        for (int round = 0; round < RoundsMax; round++)
        {
            if (!ExtendOnce(conditions, planner, constants, pairs))
            {
                return;
            }
        }
    }

    private static bool ExtendOnce(
        List<Conjunct> conditions,
        JoinPlanner planner,
        Dictionary<uint, Expression> constants,
        List<(ExpressionNode Left, ExpressionNode Right)> pairs)
    {
        bool added = false;
        foreach ((ExpressionNode left, ExpressionNode right) in pairs)
        {
            foreach ((ExpressionNode known, ExpressionNode other) in
                ((ExpressionNode, ExpressionNode)[])[(left, right), (right, left)])
            {
                if (constants.TryGetValue(known.Ordinal, out Expression? value)
                    && constants.TryAdd(other.Ordinal, value))
                {
                    conditions.Add(planner.Of(BoundNodes.Apply(
                        ExpressionOp.Equal, BoundNodes.Of(other.Clone()), value)));
                    added = true;
                }
            }
        }

        return added;
    }
}
