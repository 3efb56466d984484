using System.Collections.Generic;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Relations;

/// <summary>FROM as a tree of joins.</summary>
internal abstract record FromTree
{
    /// <summary>The parts below.</summary>
    public abstract IEnumerable<FromLeaf> Leaves { get; }
}

/// <summary>A part.</summary>
internal sealed record FromPart(FromLeaf Leaf) : FromTree
{
    public override IEnumerable<FromLeaf> Leaves => [Leaf];
}

/// <summary>A join of two trees.</summary>
/// <param name="Kind">Which; CROSS has no condition.</param>
/// <param name="Left">The left side.</param>
/// <param name="Right">The right side.</param>
/// <param name="On">The AND-ed conditions, over provisional places.</param>
internal sealed record FromJoin(JoinKind Kind, FromTree Left, FromTree Right, IReadOnlyList<Expression> On) : FromTree
{
    public override IEnumerable<FromLeaf> Leaves => [.. Left.Leaves, .. Right.Leaves];
}
