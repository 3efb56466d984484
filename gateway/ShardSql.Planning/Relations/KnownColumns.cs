using System.Collections.Generic;
using System.Linq;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>
/// Of which columns it is known that each row has a given value there, or one of a list. Of a = b and b = 5 follows
/// a = 5: what is known of one side of a join or of a row outside is known of the other, and may tell its shard.
/// </summary>
internal sealed class KnownColumns
{
    private readonly SortedDictionary<uint, Expression> _conditions = [];
    private readonly List<Expression> _followed = [];

    private KnownColumns()
    {
    }

    /// <summary>Nothing is known.</summary>
    public static KnownColumns None { get; } = new();

    /// <summary>What was not written and follows.</summary>
    public IReadOnlyList<Expression> Followed => _followed;

    /// <summary>What some conditions together tell.</summary>
    public static KnownColumns Of(IEnumerable<Conjunct> conditions)
    {
        var known = new KnownColumns();
        var pairs = new List<(ExpressionNode Known, ExpressionNode Other)>();
        foreach (Conjunct condition in conditions.Where(static c => !c.HasQuery && !c.ReadsSlots))
        {
            if (condition.Condition.Nodes is
                [{ Op: ExpressionOp.BoundColumn } left, { Op: ExpressionOp.BoundColumn } right, { Op: ExpressionOp.Equal }])
            {
                pairs.AddRange(left.Type.Equals(right.Type) ? [(left, right), (right, left)] : []);
            }
            else if (OnlyColumn(condition.Condition) is { } column)
            {
                known.TryAdd(column.Ordinal, condition.Condition);
            }
        }

        // A column is told of twice at most, the second time by an equality.
        while (known.Follow(pairs))
        {
        }

        return known;
    }

    /// <summary>The same at other places.</summary>
    public static KnownColumns Of(IEnumerable<(int From, uint To)> places, KnownColumns from)
    {
        var known = new KnownColumns();
        foreach ((int place, uint to) in places)
        {
            if (from.Find(place) is { } condition)
            {
                known.TryAdd(to, condition);
            }
        }

        return known;
    }

    /// <summary>What holds for a column; null: nothing is known.</summary>
    public Expression? Find(int place) => place < 0 ? null : _conditions.GetValueOrDefault((uint)place);

    /// <summary>The same for another column.</summary>
    public static Expression Over(Expression condition, ExpressionNode column) =>
        BoundNodes.Replace(condition, _ => BoundNodes.Of(column))!;

    /// <summary>Whether it tells the one value.</summary>
    public static bool IsEquality(Expression condition) => condition.Nodes[^1].Op == ExpressionOp.Equal;

    private bool Follow(List<(ExpressionNode Known, ExpressionNode Other)> pairs)
    {
        bool added = false;
        foreach ((ExpressionNode known, ExpressionNode other) in pairs)
        {
            if (Find((int)known.Ordinal) is { } condition && TryAdd(other.Ordinal, condition))
            {
                _followed.Add(Over(condition, other));
                added = true;
            }
        }

        return added;
    }

    private bool TryAdd(uint place, Expression condition)
    {
        if (_conditions.TryGetValue(place, out Expression? known) && (IsEquality(known) || !IsEquality(condition)))
        {
            return false;
        }

        _conditions[place] = condition;
        return true;
    }

    /// <summary>The column of column = constant and column IN (constants); null for other conditions.</summary>
    private static ExpressionNode? OnlyColumn(Expression condition)
    {
        ExpressionNode root = condition.Nodes[^1];
        if (root.Op is not (ExpressionOp.Equal or ExpressionOp.In)
            || condition.Nodes.Count != root.Children + 1
            || condition.Nodes.Count > RelationLimits.MadeConditionNodesMax)
        {
            return null;
        }

        ExpressionNode[] columns = [.. condition.Nodes.Where(static n => n.Op == ExpressionOp.BoundColumn)];
        bool isOnly = condition.Nodes.SkipLast(1).All(
            static n => n.Op is ExpressionOp.BoundColumn or ExpressionOp.Literal or ExpressionOp.BoundParameter);
        return isOnly && columns is [{ } column] && (root.Op == ExpressionOp.Equal || condition.Nodes[0] == column)
            ? column
            : null;
    }
}
