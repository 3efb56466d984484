using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Catalogs;

/// <summary>A column of a table.</summary>
/// <param name="Id">From 1, never reused in its table: the place in a stored row is id − 1.</param>
/// <param name="Name">As it compares: folded unless it was quoted.</param>
/// <param name="Type">Its type.</param>
public sealed record ColumnDescriptor(uint Id, string Name, SqlType Type)
{
    /// <summary>Whether it takes NULL.</summary>
    public bool Nullable { get; init; } = true;

    /// <summary>The DEFAULT as written; null: NULL.</summary>
    public Expression? Default { get; init; }

    /// <summary>Whether it is an identity column; then <see cref="Default"/> takes numbers of the sequence that it owns.
    /// </summary>
    public IdentityKind Identity { get; init; }

    /// <summary>Whether it takes numbers of a sequence where no value is given.</summary>
    public bool IsAutoIncrement => SequenceFunctions.ChangesIn(Default);

    /// <summary>What rows hold that were written before the column was added.</summary>
    public SqlValue MissingValue { get; init; }

    /// <summary>Not in <c>*</c> and not in an INSERT without a column list: the hidden key.</summary>
    public bool Hidden { get; init; }
}
