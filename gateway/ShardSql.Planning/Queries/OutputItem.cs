using System;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Queries;

/// <summary>An item of a select list or RETURNING after stars are expanded.</summary>
/// <param name="Expression">What it computes.</param>
/// <param name="Name">The name of the output column.</param>
/// <param name="IsQuoted">Whether the name compares as written.</param>
internal sealed record OutputItem(Expression Expression, string Name, bool IsQuoted)
{
    /// <summary>Whether a bare name in ORDER BY or GROUP BY means this item.</summary>
    public bool IsNamed(string reference) => string.Equals(
        Name, reference, IsQuoted ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase);
}
