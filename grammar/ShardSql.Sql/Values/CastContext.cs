namespace ShardSql.Sql.Values;

/// <summary>Where a conversion stands; each context allows what those before it allow.</summary>
public enum CastContext
{
    /// <summary>Between the operands of an operator or the arguments of a function.</summary>
    Implicit = 0,

    /// <summary>Into a column.</summary>
    Assignment = 1,

    /// <summary>CAST(x AS t) or x::t.</summary>
    Explicit = 2,
}
