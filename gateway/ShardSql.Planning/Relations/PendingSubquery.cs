using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Execution.Plans;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Relations;

/// <summary>A query inside of an expression, over the provisional places of the row outside.</summary>
internal sealed record PendingSubquery
{
    public required SubqueryKind Kind { get; init; }

    /// <summary>Makes its operators.</summary>
    public required Func<RelationNode> Plan { get; init; }

    public required SubqueryFrame Frame { get; init; }

    /// <summary>ANY, ALL: what is compared.</summary>
    public IReadOnlyList<Expression> Operands { get; init; } = [];

    /// <summary>The comparison of operands and columns.</summary>
    public Expression? Comparison { get; init; }

    public bool IsHashed { get; init; }

    public SqlType Type { get; init; }

    /// <summary>Over the rows of the stage.</summary>
    public Subquery ToMessage(Stage stage)
    {
        Frame.Learn(stage.Known);
        var query = new Subquery { Kind = Kind, Plan = Plan(), Hashed = IsHashed, Type = Type.ToMessage() };
        if (!Frame.IsUnread(query.Plan))
        {
            query.Slots.Add(Frame.Slots.Select(s => new SlotValue { Slot = s.Slot, Value = stage.Bytes(s.Value) }));
            query.Reads.AddRange(Frame.Reads);
        }

        foreach (Expression operand in Operands)
        {
            query.Operands.Add(stage.Bytes(operand));
        }

        if (Comparison is not null)
        {
            query.Comparison = Google.Protobuf.MessageExtensions.ToByteString(BoundNodes.Bind(Comparison).ToMessage());
        }

        return query;
    }
}
