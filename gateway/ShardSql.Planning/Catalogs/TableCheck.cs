using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Catalogs;

/// <summary>A CHECK constraint: its name and its condition as written.</summary>
public sealed record TableCheck(string Name, Expression Condition);
