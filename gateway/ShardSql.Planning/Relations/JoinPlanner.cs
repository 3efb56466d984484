using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Relations;

/// <summary>
/// Makes operators of FROM and WHERE: puts each condition where it can first be tried, at the shards if it is about one
/// table, and joins by hash where there are equalities. Inner joins are taken in an order that avoids cross products.
/// </summary>
internal sealed class JoinPlanner(RelationBuild build, IReadOnlyList<FromLeaf> leaves)
{
    /// <summary>The rows of the tree for which the conditions hold, those with queries excepted.</summary>
    public JoinedRows Plan(FromTree tree, IReadOnlyList<Conjunct> conditions)
    {
        if (tree is FromPart part)
        {
            return PlanLeaf(part.Leaf, conditions);
        }

        var join = (FromJoin)tree;
        return join.Kind is JoinKind.Inner or JoinKind.Cross
            ? PlanInner(join, conditions)
            : PlanOuter(join, conditions);
    }

    /// <summary>Conditions of this FROM. What is known of a row outside is known of the columns that are equal to it.</summary>
    public IEnumerable<Conjunct> Of(IEnumerable<Expression> conditions)
    {
        foreach (Expression condition in conditions)
        {
            Expression? known = OfKnownSlot(condition);
            if (known is not null)
            {
                yield return new Conjunct(known, leaves, build.Parameters);
            }

            if (known is null || !KnownColumns.IsEquality(known))
            {
                yield return new Conjunct(condition, leaves, build.Parameters);
            }
        }
    }

    /// <summary>What is known of the columns of all rows of the tree for which the conditions hold.</summary>
    public KnownColumns Known(FromTree tree, IReadOnlyList<Conjunct> conditions)
    {
        var all = new List<Conjunct>(conditions);
        Flatten(tree, [], all);
        return KnownColumns.Of(all);
    }

    /// <summary>What a slot that is known tells of the column that is compared with it; null: nothing.</summary>
    private Expression? OfKnownSlot(Expression condition)
    {
        if (condition.Nodes is not [{ } left, { } right, { Op: ExpressionOp.Equal }])
        {
            return null;
        }

        (ExpressionNode column, ExpressionNode slot) = left.Op == ExpressionOp.BoundColumn ? (left, right) : (right, left);
        return column.Op == ExpressionOp.BoundColumn && slot.Op == ExpressionOp.BoundParameter
            && column.Type.Equals(slot.Type) && build.KnownSlots.TryGetValue(slot.Ordinal, out Expression? known)
            ? KnownColumns.Over(known, column)
            : null;
    }

    private JoinedRows PlanLeaf(FromLeaf leaf, IReadOnlyList<Conjunct> conditions)
    {
        var pushed = new List<Expression>();
        var kept = new List<Expression>();
        foreach (Conjunct condition in conditions)
        {
            if (leaf.Table is not null && !condition.ReadsSlots)
            {
                pushed.Add(condition.Condition);
            }
            else if (condition.ReadsSlots || !leaf.TryAdd(condition.Condition))
            {
                kept.Add(condition.Condition);
            }
        }

        JoinedRows rows = Rows(leaf, pushed);
        return kept.Count == 0 ? rows : Filter(rows, kept);
    }

    private JoinedRows Rows(FromLeaf leaf, List<Expression> pushed)
    {
        var layout = new Dictionary<uint, uint>();
        if (leaf.Table is null)
        {
            for (uint i = 0; i < leaf.Columns.Count; i++)
            {
                layout.Add(leaf.First + i, i);
            }

            RelationNode node = leaf.Rows?.Node ?? Stream(
                build.Add(new RelationSourceTemplate(leaf, build, null, [])), (uint)leaf.Columns.Count);
            return new JoinedRows(node, [leaf], layout, (uint)leaf.Columns.Count);
        }

        if (leaf.Used.Count == 0)
        {
            // A row needs a column to be counted by.
            leaf.Used.Add((uint)leaf.Table.KeyColumns[0]);
        }

        foreach (uint column in leaf.Used)
        {
            layout.Add(leaf.First + column, (uint)layout.Count);
        }

        Expression? where = BoundNodes.And(pushed.ConvertAll(p => TableNames.Restore(p, leaf, build.Binding)));
        uint source = build.Add(new RelationSourceTemplate(leaf, build, where, LookupColumns.Of(leaf.Table)));
        return new JoinedRows(Stream(source, (uint)layout.Count), [leaf], layout, (uint)layout.Count)
        {
            Plain = leaf,
        };
    }

    private static RelationNode Stream(uint source, uint width)
    {
        var stream = new StreamNode { Source = source, Width = width };
        for (uint i = 0; i < width; i++)
        {
            stream.Columns.Add(i);
        }

        return new RelationNode { Stream = stream };
    }

    private static JoinedRows Filter(JoinedRows rows, IReadOnlyList<Expression> conditions)
    {
        Expression condition = rows.Place(BoundNodes.And(conditions)!);
        var filter = new FilterNode
        {
            Input = rows.Node,
            Condition = BoundExpression.ConditionFromMessage(condition, "WHERE").ToMessage().ToByteString(),
        };
        return rows with { Node = new RelationNode { Filter = filter }, Plain = null };
    }

    private JoinedRows PlanInner(FromJoin join, IReadOnlyList<Conjunct> conditions)
    {
        var parts = new List<FromTree>();
        var all = new List<Conjunct>(conditions);
        Flatten(join, parts, all);
        all.AddRange(Of(KnownColumns.Of(all).Followed));
        var open = new List<JoinedRows>();
        foreach (FromTree part in parts)
        {
            var within = new List<FromLeaf>(part.Leaves);
            List<Conjunct> own = Take(all, within);
            open.Add(Plan(part, own));
        }

        JoinedRows joined = TakeFirst(open, all);
        while (open.Count > 0)
        {
            JoinedRows next = TakeNext(open, joined, all);
            var both = new List<FromLeaf>([.. joined.Leaves, .. next.Leaves]);
            joined = Join(RelationJoinKind.Inner, joined, next, Take(all, both));
        }

        return all.Count == 0 ? joined : Filter(joined, all.ConvertAll(static c => c.Condition));
    }

    private void Flatten(FromTree tree, List<FromTree> parts, List<Conjunct> conditions)
    {
        if (tree is not FromJoin { Kind: JoinKind.Inner or JoinKind.Cross } join)
        {
            parts.Add(tree);
            return;
        }

        Flatten(join.Left, parts, conditions);
        Flatten(join.Right, parts, conditions);
        conditions.AddRange(Of(join.On));
    }

    private static List<Conjunct> Take(List<Conjunct> all, ICollection<FromLeaf> within)
    {
        List<Conjunct> taken = all.FindAll(c => c.IsWithin(within));
        all.RemoveAll(taken.Contains);
        return taken;
    }

    /// <summary>The part that is read first: one whose key is known before others, else the first written.</summary>
    private JoinedRows TakeFirst(List<JoinedRows> open, List<Conjunct> conditions)
    {
        int first = conditions.Count == 0 ? 0 : open.FindIndex(IsByKey);
        JoinedRows rows = open[first < 0 ? 0 : first];
        open.Remove(rows);
        return rows;
    }

    private bool IsByKey(JoinedRows rows) =>
        rows.Plain is not null && build.Sources[(int)rows.Node.Stream.Source].FixesKey();

    /// <summary>A part that an equality joins to what is there; else the next as written.</summary>
    private static JoinedRows TakeNext(List<JoinedRows> open, JoinedRows joined, List<Conjunct> conditions)
    {
        JoinedRows next = open.Find(r => conditions.Exists(c => Equality(c, joined, r) is not null)) ?? open[0];
        open.Remove(next);
        return next;
    }

    private JoinedRows PlanOuter(FromJoin join, IReadOnlyList<Conjunct> conditions)
    {
        var left = new List<FromLeaf>(join.Left.Leaves);
        var right = new List<FromLeaf>(join.Right.Leaves);
        List<Conjunct> above = [.. conditions];
        List<Conjunct> on = [.. Of(join.On)];
        bool keepsLeft = join.Kind is JoinKind.Left or JoinKind.Full;
        bool keepsRight = join.Kind is JoinKind.Right or JoinKind.Full;

        // A condition on the kept side can be tried before the join, one of ON on the other side too.
        List<Conjunct> ofLeft = [.. keepsRight ? [] : Take(above, left), .. keepsLeft ? [] : Take(on, left)];
        List<Conjunct> ofRight = [.. keepsLeft ? [] : Take(above, right), .. keepsRight ? [] : Take(on, right)];
        List<Conjunct> followed = [.. Of(KnownColumns.Of([.. ofLeft, .. ofRight, .. on]).Followed)];
        ofLeft.AddRange(keepsLeft ? [] : Take(followed, left));
        ofRight.AddRange(keepsRight ? [] : Take(followed, right));
        RelationJoinKind kind = join.Kind switch
        {
            JoinKind.Left => RelationJoinKind.Left,
            JoinKind.Right => RelationJoinKind.Right,
            _ => RelationJoinKind.Full,
        };
        JoinedRows joined = Join(kind, Plan(join.Left, ofLeft), Plan(join.Right, ofRight), on);
        return above.Count == 0 ? joined : Filter(joined, above.ConvertAll(static c => c.Condition));
    }

    private JoinedRows Join(RelationJoinKind kind, JoinedRows left, JoinedRows right, List<Conjunct> conditions)
    {
        var node = new JoinNode
        {
            Kind = kind,
            Left = left.Node,
            Right = right.Node,
            LeftWidth = left.Width,
            RightWidth = right.Width,
        };
        var layout = new Dictionary<uint, uint>(left.Layout);
        foreach ((uint place, uint column) in right.Layout)
        {
            layout.Add(place, left.Width + column);
        }

        var joined = new JoinedRows(
            new RelationNode { Join = node }, [.. left.Leaves, .. right.Leaves], layout, left.Width + right.Width);
        var rest = new List<Expression>();
        var keys = new List<Expression>();
        foreach (Conjunct condition in conditions)
        {
            if (Equality(condition, left, right) is not { } pair)
            {
                rest.Add(joined.Place(condition.Condition));
                continue;
            }

            node.LeftKeys.Add(Key(left.Place(pair.Left), pair.Type));
            node.RightKeys.Add(Key(right.Place(pair.Right), pair.Type));
            keys.Add(pair.Right);
        }

        if (BoundNodes.And(rest) is { } whole)
        {
            node.Condition = BoundExpression.ConditionFromMessage(whole, "JOIN").ToMessage().ToByteString();
        }

        if (right.Plain is { } leaf && kind is RelationJoinKind.Inner or RelationJoinKind.Left)
        {
            LookupColumns.Offer(node, leaf, keys, build.Sources[(int)right.Node.Stream.Source]);
        }

        return joined;
    }

    private static ByteString Key(Expression value, SqlType type)
    {
        BoundExpression bound = BoundNodes.Bind(value);
        return (bound.Type.Kind == type.Kind ? bound : BoundNodes.Bind(BoundNodes.Cast(value, type)))
            .ToMessage().ToByteString();
    }

    /// <summary>The two sides of an equality between both rows, and the type in which they meet.</summary>
    private static (Expression Left, Expression Right, SqlType Type)? Equality(
        Conjunct condition, JoinedRows left, JoinedRows right)
    {
        if (condition.Condition.Nodes[^1] is not { Op: ExpressionOp.Equal } || condition.HasQuery)
        {
            return null;
        }

        Access.ExpressionTree tree = Access.ExpressionTree.Of(condition.Condition);
        Expression first = tree.Children[0].ToExpression();
        Expression second = tree.Children[1].ToExpression();
        if (tree.Children[0].Op == ExpressionOp.Row || tree.Children[1].Op == ExpressionOp.Row
            || BoundNodes.IsUntyped(first) || BoundNodes.IsUntyped(second))
        {
            return null;
        }

        if (!Reads(first, left) || !Reads(second, right))
        {
            (first, second) = (second, first);
        }

        return Reads(first, left) && Reads(second, right)
            && BoundExpression.CommonType(BoundNodes.Bind(first).Type, BoundNodes.Bind(second).Type) is { } type
            && type.Kind is not (SqlKind.Json or SqlKind.Null)
            ? (first, second, new SqlType(type.Kind))
            : null;
    }

    /// <summary>Whether an expression reads columns of some rows, and no others.</summary>
    private static bool Reads(Expression expression, JoinedRows rows)
    {
        bool reads = false;
        foreach (ExpressionNode node in expression.Nodes)
        {
            if (node.Op == ExpressionOp.BoundColumn)
            {
                reads = true;
                if (!rows.Layout.ContainsKey(node.Ordinal))
                {
                    return false;
                }
            }
        }

        return reads;
    }
}
