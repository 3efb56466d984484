using System;
using System.Collections.Generic;
using ShardSql.Execution.Plans;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>Where a query inside of an expression stands: the row outside, of which each value that it reads gets a
/// slot.</summary>
internal sealed class SubqueryFrame(RelationBuild build, ExpressionRewriter outside)
{
    private readonly Dictionary<string, ExpressionNode> _known = new(StringComparer.Ordinal);

    /// <summary>The slots, with the values of the row outside that they get.</summary>
    public List<(uint Slot, Expression Value)> Slots { get; } = [];

    /// <summary>How often a name was found outside.</summary>
    public int Finds { get; private set; }

    /// <summary>All slots that the query reads, also those of rows further outside.</summary>
    public SortedSet<uint> Reads { get; } = [];

    /// <summary>The slot of a column of a row outside; null where there is none.</summary>
    public ExpressionNode? Find(ExpressionNode column)
    {
        if (outside.TryColumn(column) is { } value)
        {
            Finds++;
            return SlotOf(value, column.Position);
        }

        ExpressionNode? further = outside.Outer?.Find(column);
        if (further is not null)
        {
            Finds++;
            Reads.Add(further.Ordinal);
        }

        return further;
    }

    /// <summary>Notes what is known of the row outside.</summary>
    public void Learn(KnownColumns outside)
    {
        foreach ((uint slot, Expression value) in Slots)
        {
            if (outside.Find(BoundNodes.ColumnOf(value)) is { } condition)
            {
                build.KnownSlots[slot] = condition;
            }
        }
    }

    /// <summary>Whether what is known has left nothing to read of rows outside.</summary>
    public bool IsUnread(RelationNode plan) => RelationTree.IsStatic(plan, build.Parameters);

    private ExpressionNode SlotOf(Expression value, uint position)
    {
        string shape = BoundNodes.Shape(value);
        if (!_known.TryGetValue(shape, out ExpressionNode? known))
        {
            BoundExpression bound = BoundNodes.Bind(value);
            known = BoundNodes.Parameter(build.NewSlot(), bound.Type);
            _known.Add(shape, known);
            Slots.Add((known.Ordinal, value));
            Reads.Add(known.Ordinal);
        }

        ExpressionNode slot = known.Clone();
        slot.Position = position;
        return slot;
    }
}
