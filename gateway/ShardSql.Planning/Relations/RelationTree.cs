using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>Walks plans.</summary>
internal static class RelationTree
{
    /// <summary>Operators inside one another that shards are sent: protobuf refuses deeper messages.</summary>
    public const int PushedDepthMax = 30;

    /// <summary>Operators inside one another.</summary>
    public static int Depth(RelationNode node)
    {
        int deepest = 0;
        foreach (RelationNode input in Inputs(node))
        {
            deepest = System.Math.Max(deepest, Depth(input));
        }

        return deepest + 1;
    }

    /// <summary>The operators that an operator reads, those of queries inside of its expressions too.</summary>
    public static IReadOnlyList<RelationNode> Inputs(RelationNode node)
    {
        switch (node.KindCase)
        {
            case RelationNode.KindOneofCase.Filter:
                return [node.Filter.Input];
            case RelationNode.KindOneofCase.Project:
                return [node.Project.Input];
            case RelationNode.KindOneofCase.Join:
                return [node.Join.Left, node.Join.Right];
            case RelationNode.KindOneofCase.Aggregate:
                return [node.Aggregate.Input];
            case RelationNode.KindOneofCase.Distinct:
                return [node.Distinct.Input];
            case RelationNode.KindOneofCase.Sort:
                return [node.Sort.Input];
            case RelationNode.KindOneofCase.Limit:
                return [node.Limit.Input];
            case RelationNode.KindOneofCase.SetOperation:
                return [node.SetOperation.Left, node.SetOperation.Right];
            case RelationNode.KindOneofCase.Window:
                return [node.Window.Input];
            case RelationNode.KindOneofCase.Recursive:
                return [node.Recursive.Seed, node.Recursive.Step];
            case RelationNode.KindOneofCase.Spool:
                return [node.Spool.Input];
            case RelationNode.KindOneofCase.Apply:
                var inputs = new List<RelationNode> { node.Apply.Input };
                foreach (Subquery query in node.Apply.Queries)
                {
                    inputs.Add(query.Plan);
                }

                return inputs;
            default:
                return [];
        }
    }

    /// <summary>Whether it reads rows from outside of the plan, so that keeping them is worth it.</summary>
    public static bool Reads(RelationNode node)
    {
        if (node.KindCase is RelationNode.KindOneofCase.Stream or RelationNode.KindOneofCase.Recursive)
        {
            return true;
        }

        foreach (RelationNode input in Inputs(node))
        {
            if (Reads(input))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether it gives the same rows each time: reads no slot of a row outside of it and no round of a
    /// recursion.</summary>
    public static bool IsStatic(RelationNode node, uint parameters)
    {
        var own = new SortedSet<uint>();
        return IsStatic(node, parameters, own, []);
    }

    private static bool IsStatic(RelationNode node, uint parameters, SortedSet<uint> slots, SortedSet<uint> recursions)
    {
        switch (node.KindCase)
        {
            case RelationNode.KindOneofCase.Working:
                return recursions.Contains(node.Working.Id);
            case RelationNode.KindOneofCase.Recursive:
                recursions.Add(node.Recursive.Id);
                break;
            case RelationNode.KindOneofCase.Apply:
                foreach (Subquery query in node.Apply.Queries)
                {
                    foreach (SlotValue slot in query.Slots)
                    {
                        slots.Add(slot.Slot);
                    }
                }

                break;
        }

        foreach (ByteString bytes in Expressions(node))
        {
            if (BoundNodes.Contains(
                bytes.IsEmpty ? null : Expression.Parser.ParseFrom(bytes),
                n => n.Op == ExpressionOp.BoundParameter && n.Ordinal >= parameters && !slots.Contains(n.Ordinal)))
            {
                return false;
            }
        }

        foreach (RelationNode input in Inputs(node))
        {
            if (!IsStatic(input, parameters, slots, recursions))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The expressions of an operator.</summary>
    private static IEnumerable<ByteString> Expressions(RelationNode node)
    {
        switch (node.KindCase)
        {
            case RelationNode.KindOneofCase.Filter:
                return [node.Filter.Condition];
            case RelationNode.KindOneofCase.Project:
                return node.Project.Expressions;
            case RelationNode.KindOneofCase.Join:
                return [.. node.Join.LeftKeys, .. node.Join.RightKeys, node.Join.Condition];
            case RelationNode.KindOneofCase.Aggregate:
                return [.. node.Aggregate.Aggregation.Groups, .. node.Aggregate.Aggregation.Aggregates];
            case RelationNode.KindOneofCase.Limit:
                return [node.Limit.Limit, node.Limit.Offset];
            case RelationNode.KindOneofCase.Sort:
                return node.Sort.Keep is { } keep ? [keep.Limit, keep.Offset] : [];
            case RelationNode.KindOneofCase.Spool:
                return node.Spool.Keys;
            case RelationNode.KindOneofCase.Apply:
                return OfQueries(node.Apply);
            case RelationNode.KindOneofCase.Window:
                return OfWindow(node.Window);
            case RelationNode.KindOneofCase.Values:
                return OfValues(node.Values);
            default:
                return [];
        }
    }

    private static List<ByteString> OfQueries(ApplyNode apply)
    {
        var expressions = new List<ByteString>();
        foreach (Subquery query in apply.Queries)
        {
            expressions.AddRange(query.Operands);
            foreach (SlotValue slot in query.Slots)
            {
                expressions.Add(slot.Value);
            }
        }

        return expressions;
    }

    private static List<ByteString> OfWindow(WindowNode window)
    {
        List<ByteString> expressions = [.. window.Partition];
        foreach (WindowOrder order in window.Order)
        {
            expressions.Add(order.Value);
        }

        foreach (WindowCall call in window.Calls)
        {
            expressions.AddRange([.. call.Arguments, call.Aggregate, call.StartOffset, call.EndOffset]);
        }

        return expressions;
    }

    private static List<ByteString> OfValues(ValuesNode values)
    {
        var expressions = new List<ByteString>();
        foreach (ValuesRow row in values.Rows)
        {
            expressions.AddRange(row.Values);
        }

        return expressions;
    }
}
