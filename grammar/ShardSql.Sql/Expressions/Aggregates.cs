namespace ShardSql.Sql.Expressions;

/// <summary>The aggregate functions.</summary>
public static partial class Aggregates
{
    /// <summary>Whether a function is an aggregate; the name in lower case.</summary>
    public static bool IsAggregate(string name) => name is "count" or "sum" or "avg" or "min" or "max";
}
