using System;
using System.Collections.Generic;

using ShardSql.Planning.Maps;
using ShardSql.Planning.Resharding;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Plans;

/// <summary>What a statement on segments asks for, its expressions evaluated.</summary>
internal sealed record SegmentWish
{
    public required SegmentActionKind Kind { get; init; }

    /// <summary>The statement; null: none has asked for it.</summary>
    public Statement? Statement { get; init; }

    /// <summary>The kind of its job.</summary>
    public required string Tag { get; init; }

    public IReadOnlyList<SegmentId> Segments { get; init; } = [];

    public ShardId? Shard { get; init; }

    public TableName? Table { get; init; }

    /// <summary>SPLIT SEGMENT: where the right part begins; none: in the middle.</summary>
    public IReadOnlyList<SqlValue> At { get; init; } = [];

    /// <summary>SPLIT SEGMENT AT LOAD: in the middle of what is touched.</summary>
    public bool AtLoad { get; init; }

    /// <summary>KEYS, AT VALUES.</summary>
    public IReadOnlyList<SqlValue[]> Rows { get; init; } = [];

    /// <summary>RESHARD: the tables; none: all.</summary>
    public IReadOnlyList<TableName> Tables { get; init; } = [];

    /// <summary>RESHARD: what is looked at.</summary>
    public ReshardGoal Goal { get; init; }

    /// <summary>INTO n.</summary>
    public int? Parts { get; init; }

    /// <summary>Says of a row of <c>shard.segments</c> whether it is meant.</summary>
    public Func<SqlValue[], bool> Filter { get; init; } = static _ => true;
}
