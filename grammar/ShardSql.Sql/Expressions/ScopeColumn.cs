using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <summary>A column of a <see cref="RowScope"/>: the table's alias or name, its schema, the column's own
/// name.</summary>
public sealed record ScopeColumn(string Qualifier, string Name, SqlType Type, bool IsNullable, string Schema = "");
