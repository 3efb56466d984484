using ShardSql.Sql.Values;

namespace ShardSql.Planning.Access;

/// <summary>One end of what a condition allows for a column.</summary>
public readonly record struct KeyBound(SqlValue Value, bool Inclusive);
