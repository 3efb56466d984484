using System.Collections.Generic;

using ShardSql.Gateway.Layouts;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Moves;
using ShardSql.Planning.Resharding;

namespace ShardSql.Gateway.Plans;

/// <summary>Steps that have been thought out, before anybody keeps or begins them.</summary>
/// <param name="Kind">The kind of the job.</param>
/// <param name="Target">What it is about, for people.</param>
/// <param name="State">The catalog and map that it was made from.</param>
/// <param name="Steps">The steps.</param>
/// <param name="Summary">What the planner says of it as a whole; may be empty.</param>
/// <param name="Expected">What RESHARD is expected to bring; null for everything else.</param>
internal sealed record PlanDraft(
    string Kind,
    string Target,
    SystemState State,
    IReadOnlyList<MapStep> Steps,
    string Summary = "",
    ReshardPlan? Expected = null)
{
    /// <summary>Steps of the layout, where the job has those.</summary>
    public IReadOnlyList<LayoutStep> LayoutSteps { get; init; } = [];
}
