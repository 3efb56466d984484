using ShardSql.Planning.Plans;

namespace ShardSql.Planning.Ddl;

/// <summary>What a statement of the schema comes to.</summary>
/// <param name="Change">The change; null where nothing is to be done and IF [NOT] EXISTS says that this is fine.</param>
/// <param name="Notice">What the client should know.</param>
internal sealed record PlannedDdl(DdlChange? Change, string? Notice = null)
{
    /// <summary>The index that a job is to build; null: none.</summary>
    public IndexTarget? Builds { get; init; }
}
