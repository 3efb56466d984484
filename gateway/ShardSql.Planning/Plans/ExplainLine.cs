using ShardSql.Execution.Plans;
using ShardSql.Primitives;

namespace ShardSql.Planning.Plans;

/// <summary>A line of EXPLAIN, and what it is about, so that what was measured finds its place.</summary>
/// <param name="Text">The line.</param>
public sealed record ExplainLine(string Text)
{
    /// <summary>The shard that does it.</summary>
    public ShardId? Shard { get; init; }

    /// <summary>The operator of the gateway.</summary>
    public RelationNode? Operator { get; init; }

    /// <summary>Whether it is what the statement writes in the end.</summary>
    public bool IsWrite { get; init; }

    /// <inheritdoc />
    public override string ToString() => Text;
}
