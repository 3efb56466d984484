namespace ShardSql.Sql.Expressions;

/// <summary>The aggregate functions.</summary>
public enum AggregateKind
{
    /// <summary>COUNT(*): rows.</summary>
    CountRows = 0,

    /// <summary>COUNT(x): values that are not NULL.</summary>
    Count = 1,

    /// <summary>SUM</summary>
    Sum = 2,

    /// <summary>AVG</summary>
    Avg = 3,

    /// <summary>MIN</summary>
    Min = 4,

    /// <summary>MAX</summary>
    Max = 5,

    /// <summary>BOOL_AND, and EVERY.</summary>
    BoolAnd = 6,

    /// <summary>BOOL_OR</summary>
    BoolOr = 7,

    /// <summary>STRING_AGG</summary>
    StringAgg = 8,
}
