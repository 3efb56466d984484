using ShardSql.Sql.Values;

namespace ShardSql.Planning.Plans;

/// <summary>A column of a result, as the header describes it.</summary>
public sealed record ResultColumn(string Name, SqlType Type)
{
    /// <summary>Whether it can be NULL.</summary>
    public bool Nullable { get; init; } = true;

    /// <summary>The table it comes from; empty for an expression.</summary>
    public string Table { get; init; } = string.Empty;

    /// <summary>The column it comes from; empty for an expression.</summary>
    public string BaseColumn { get; init; } = string.Empty;

    /// <summary>Whether that is a part of the primary key.</summary>
    public bool IsKey { get; init; }

    /// <summary>Whether it takes numbers of a sequence where no value is given.</summary>
    public bool IsAutoIncrement { get; init; }
}
