using ShardSql.Sql.Values;

namespace ShardSql.Sql.Expressions;

/// <summary>A column as an expression sees it: its place in the row, its type, whether it can be NULL.</summary>
public readonly record struct ColumnBinding(int Ordinal, SqlType Type, bool IsNullable);
