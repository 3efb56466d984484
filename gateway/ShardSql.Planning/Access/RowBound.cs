using System.Collections.Generic;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Access;

/// <summary>A row comparison <c>(a, b) &gt; (x, y)</c> of columns with values.</summary>
/// <param name="Ordinals">The columns.</param>
/// <param name="Values">What they are compared with, of the columns' types.</param>
/// <param name="IsLower">The columns are above the values, else below.</param>
/// <param name="Inclusive">Or equal to them.</param>
public sealed record RowBound(
    IReadOnlyList<int> Ordinals, IReadOnlyList<SqlValue> Values, bool IsLower, bool Inclusive);
