using ShardSql.Planning.Plans;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Relations;

/// <summary>A column of a relation as names reach it.</summary>
/// <param name="Qualifier">The alias of its part of FROM, or the table's name.</param>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="IsNullable">Whether it can be NULL.</param>
internal sealed record RelationColumn(string Qualifier, string Name, SqlType Type, bool IsNullable)
{
    /// <summary>The table it comes from; empty for an expression.</summary>
    public string Table { get; init; } = string.Empty;

    /// <summary>The column it comes from.</summary>
    public string BaseColumn { get; init; } = string.Empty;

    /// <summary>Whether that is a part of a primary key.</summary>
    public bool IsKey { get; init; }

    /// <summary>Whether that takes numbers of a sequence where no value is given.</summary>
    public bool IsAutoIncrement { get; init; }

    /// <summary>Whether no name reaches it.</summary>
    public bool IsHidden { get; init; }

    /// <summary>A NULL or a text whose type its surroundings may still decide.</summary>
    public bool IsUntyped { get; init; }

    /// <summary>Whether the name compares as written.</summary>
    public bool IsQuoted { get; init; } = true;

    /// <summary>As the header describes it.</summary>
    public ResultColumn ToResult() => new(Name, Type.Kind == SqlKind.Null ? SqlType.Text : Type)
    {
        Nullable = IsNullable,
        Table = Table,
        BaseColumn = BaseColumn,
        IsKey = IsKey,
        IsAutoIncrement = IsAutoIncrement,
    };
}
