namespace ShardSql.Planning.Access;

/// <summary>What a comparison of a column with a constant says once the constant has the column's type.</summary>
internal enum Conversion
{
    /// <summary>Nothing can be said.</summary>
    Unknown,

    /// <summary>The comparison is never true: the constant is NULL.</summary>
    Never,

    /// <summary>No value of the column equals the constant.</summary>
    Inexact,

    /// <summary>The constant is a value of the column's type.</summary>
    Exact,
}
