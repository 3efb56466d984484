using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>A column of a virtual table.</summary>
public sealed record VirtualColumn(string Name, SqlType Type);
