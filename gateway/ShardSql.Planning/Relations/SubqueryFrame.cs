using System;
using System.Collections.Generic;
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

    /// <summary>All slots that the query reads, also those of rows further outside.</summary>
    public SortedSet<uint> Reads { get; } = [];

    /// <summary>The slot of a column of a row outside; null where there is none.</summary>
    public ExpressionNode? Find(ExpressionNode column)
    {
        if (outside.TryColumn(column) is { } value)
        {
            return SlotOf(value, column.Position);
        }

        ExpressionNode? further = outside.Outer?.Find(column);
        if (further is not null)
        {
            Reads.Add(further.Ordinal);
        }

        return further;
    }

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
