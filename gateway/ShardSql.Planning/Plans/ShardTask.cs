using System;
using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Plans;

/// <summary>The part of a statement that one shard runs.</summary>
public sealed record ShardTask
{
    /// <summary>Where.</summary>
    public required ShardId Shard { get; init; }

    /// <summary>A <c>Fragment</c> of plan.proto, for FragmentRun.</summary>
    public required ReadOnlyMemory<byte> Fragment { get; init; }

    /// <summary>The values of the statement's parameters, a RowCodec row; empty: it uses none.</summary>
    public required ReadOnlyMemory<byte> Parameters { get; init; }

    /// <summary>The table versions that the plan was made with.</summary>
    public required IReadOnlyList<TableGuard> Tables { get; init; }

    /// <summary>The tables by id.</summary>
    public IReadOnlyCollection<uint> TableIds
    {
        get
        {
            var ids = new SortedSet<uint>();
            foreach (TableGuard guard in Tables)
            {
                ids.Add(guard.TableId);
            }

            return ids;
        }
    }

    /// <summary>The segment epochs that the plan was made with.</summary>
    public required IReadOnlyList<SegmentGuard> Segments { get; init; }

    /// <summary>
    /// The same task without its first rows, for a reader whose cursor is gone. At one snapshot a query gives the same
    /// rows in the same order again: keys are visited in order, and so is all that is made of them. Null where the shard
    /// cannot leave rows out: a write, several statements, partial aggregates.
    /// </summary>
    public ShardTask? After(long rows)
    {
        var fragment = Execution.Plans.Fragment.Parser.ParseFrom(Fragment.Span);
        if (fragment.Statements is [{ Relation: { Root: { } root } relation }])
        {
            if (root.Aggregate is { Aggregation.Partial: true })
            {
                return null;
            }

            relation.Root = new RelationNode
            {
                Limit = new LimitNode
                {
                    Input = root,
                    Offset = BoundExpression.Constant(SqlValue.FromInt64(rows), SqlType.Int64).ToMessage().ToByteString(),
                },
            };
            return this with { Fragment = fragment.ToByteArray() };
        }

        if (fragment.Statements is not [{ Scan: { Output: { } output, Aggregation: not { Partial: true } } }])
        {
            return null;
        }

        output.Offset += (ulong)rows;
        output.Limit = output.Limited ? output.Limit - Math.Min(output.Limit, (ulong)rows) : 0;
        return this with { Fragment = fragment.ToByteArray() };
    }

    /// <summary>Whether it writes what readers put in order by commit stamps: the transaction must come behind all that is below
    /// its own.</summary>
    public bool IsInOrder { get; init; }

    /// <summary>Whether its rows affected count: of the copies of a reference table only the first does.</summary>
    public bool CountsRows { get; init; } = true;
}
