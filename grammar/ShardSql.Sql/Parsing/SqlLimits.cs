namespace ShardSql.Sql.Parsing;

/// <summary>How large a statement may be. Beyond them it is refused, with the limit and the actual value.</summary>
public static class SqlLimits
{
    /// <summary>Bytes of a text in UTF-8; 54000.</summary>
    public const int MaxTextBytes = 1 << 20;

    /// <summary>Parentheses, CASE, NOT and signs inside one another; 54001.</summary>
    public const int MaxNesting = 200;

    /// <summary>Queries inside one another; 54001. A message of protobuf nests no deeper than 100 levels.</summary>
    public const int MaxQueryNesting = 20;

    /// <summary>Nodes of one expression; 54001.</summary>
    public const int MaxExpressionNodes = 10_000;

    /// <summary>Levels of one expression's tree; 54001. Operators that stand side by side add to it, unless they are
    /// the
    /// same.</summary>
    public const int MaxExpressionDepth = 1_000;

    /// <summary>Items of one IN list; 54000.</summary>
    public const int MaxInItems = 10_000;

    /// <summary>Bytes of a name in UTF-8; 42622.</summary>
    public const int MaxIdentifierBytes = 63;

    /// <summary>Characters of a transaction's type; 22023.</summary>
    public const int MaxTransactionTypeLength = 64;

    /// <summary>Columns of a table; 54011.</summary>
    public const int MaxColumns = Values.RowCodec.MaxColumns;

    /// <summary>Columns of a result, keys of a GROUP BY, different aggregates of a query; 54011.</summary>
    public const int MaxResultColumns = 1_664;

    /// <summary>Rules of the grammar inside one another: more than any statement within the other limits
    /// needs.</summary>
    internal const int MaxRuleDepth = 16 * MaxNesting;
}
