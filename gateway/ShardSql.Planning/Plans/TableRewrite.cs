namespace ShardSql.Planning.Plans;

/// <summary>Of a table that is rewritten, the clauses of its placement.</summary>
/// <param name="Before">As it is; empty: nothing can say it.</param>
/// <param name="After">As it is going to be.</param>
public sealed record TableRewrite(string Before, string After);
