namespace ShardSql.Planning.Plans;

/// <summary>An index that a job is to build.</summary>
/// <param name="TableId">Its table.</param>
/// <param name="TableName">The name of that.</param>
/// <param name="Number">Its number there.</param>
/// <param name="Name">Its name.</param>
public sealed record IndexTarget(uint TableId, string TableName, uint Number, string Name);
