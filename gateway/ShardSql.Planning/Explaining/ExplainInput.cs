using System.Collections.Generic;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;

namespace ShardSql.Planning.Explaining;

/// <summary>What EXPLAIN tells about: one statement on one table, or on none.</summary>
internal sealed record ExplainInput
{
    /// <summary>"scan", "insert into", "update", "delete from".</summary>
    public required string Verb { get; init; }

    /// <summary>The table; null: the gateway does it alone.</summary>
    public TableDescriptor? Table { get; init; }

    /// <summary>How its rows are reached; null: as a whole, or by what is written.</summary>
    public TableAccess? Access { get; init; }

    /// <summary>What is visited, by shard.</summary>
    public IReadOnlyCollection<ShardAccess> Shards { get; init; } = [];

    /// <summary>Shards of the tasks: where entries of GLOBAL indexes are written, too.</summary>
    public IReadOnlyList<ShardId> Elsewhere { get; init; } = [];

    /// <summary>What foreign keys look at, a line for each.</summary>
    public IReadOnlyList<ExplainLine> Checks { get; init; } = [];

    /// <summary>The shards where they look.</summary>
    public IReadOnlyCollection<ShardId> CheckShards { get; init; } = [];

    /// <summary>Whether it writes.</summary>
    public bool IsWrite { get; init; }

    /// <summary>What the gateway does with the rows, outermost first.</summary>
    public IReadOnlyList<string> GatewaySteps { get; init; } = [];

    /// <summary>What each shard does with the rows, in words.</summary>
    public IReadOnlyList<string> ShardSteps { get; init; } = [];

    /// <summary>Leading key columns that the condition fixes.</summary>
    public int EqualColumns { get; init; }

    /// <summary>Whether the next key column is bounded.</summary>
    public bool IsBounded { get; init; }
}
