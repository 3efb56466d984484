using System.Collections.Generic;

using ShardSql.Planning.Plans;

namespace ShardSql.Planning.Moves;

/// <summary>What a change of placement comes to.</summary>
/// <param name="Steps">Steps of the map, where rows keep their keys; none: it is as it is wanted. Null: the table is
/// rewritten.</param>
/// <param name="Begin">The first step of the rewriting.</param>
/// <param name="Target">What its job works on.</param>
internal sealed record PlannedPlacement(IReadOnlyList<MapStep>? Steps, DdlChange? Begin, IndexTarget? Target);
