using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>
/// Of a plan that runs many times puts aside what is the same each time: its rows are read once and kept, by the keys
/// that the row outside asks for where there are such.
/// </summary>
internal static class Spools
{
    /// <summary>The plan with spools. A plan that is all the same is left alone: it runs once.</summary>
    public static RelationNode Insert(RelationNode plan, uint parameters)
    {
        if (!RelationTree.IsStatic(plan, parameters))
        {
            Replace(plan, parameters);
        }

        return plan;
    }

    private static void Replace(RelationNode node, uint parameters)
    {
        if (node.KindCase == RelationNode.KindOneofCase.Filter && TryKeys(node.Filter, parameters))
        {
            return;
        }

        foreach (RelationNode input in RelationTree.Inputs(node))
        {
            if (!RelationTree.IsStatic(input, parameters))
            {
                Replace(input, parameters);
            }
            else if (RelationTree.Reads(input))
            {
                RelationNode kept = RelationNodes.Detach(input);
                input.Spool = new SpoolNode { Input = kept };
            }

            if (node.KindCase == RelationNode.KindOneofCase.Join && input.KindCase == RelationNode.KindOneofCase.Spool)
            {
                node.Join.LooksUp &= !ReferenceEquals(input, node.Join.Right);
            }
        }
    }

    /// <summary>A filter by equalities with the row outside finds its rows by their keys.</summary>
    private static bool TryKeys(FilterNode filter, uint parameters)
    {
        if (!RelationTree.IsStatic(filter.Input, parameters) || !RelationTree.Reads(filter.Input))
        {
            return false;
        }

        var spool = new SpoolNode { Input = filter.Input };
        var rest = new List<Expression>();
        Expression condition = Expression.Parser.ParseFrom(filter.Condition);
        foreach (ExpressionTree conjunct in ExpressionTree.Of(condition).Conjuncts())
        {
            if (!TryKey(conjunct, spool))
            {
                rest.Add(conjunct.ToExpression());
            }
        }

        filter.Input = new RelationNode { Spool = spool };
        filter.Condition = (BoundNodes.And(rest) ?? BoundNodes.Of(Binding.Literal(Sql.Values.SqlValue.True).Nodes[0]))
            .ToByteString();
        return true;
    }

    private static bool TryKey(ExpressionTree conjunct, SpoolNode spool)
    {
        if (conjunct.Op != ExpressionOp.Equal)
        {
            return false;
        }

        foreach ((ExpressionTree column, ExpressionTree value) in ((ExpressionTree, ExpressionTree)[])
            [(conjunct.Children[0], conjunct.Children[1]), (conjunct.Children[1], conjunct.Children[0])])
        {
            Expression key = value.ToExpression();
            if (column.Op == ExpressionOp.BoundColumn && value.Op != ExpressionOp.Row
                && !BoundNodes.Contains(key, static n => n.Op == ExpressionOp.BoundColumn)
                && BoundNodes.Bind(key).Type.Kind == column.Node.Type.Kind)
            {
                spool.Columns.Add(column.Node.Ordinal);
                spool.Keys.Add(key.ToByteString());
                return true;
            }
        }

        return false;
    }
}
