using System.Collections.Generic;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;

namespace ShardSql.Planning.Ddl;

/// <summary>Where a new table goes.</summary>
/// <param name="Kind">How it is placed.</param>
/// <param name="GroupId">Its colocation group.</param>
/// <param name="ShardKey">Ordinals of its shard key.</param>
/// <param name="Segments">New segments; none in an existing group, and none for reference tables.</param>
internal sealed record PlacementPlan(
    PlacementKind Kind, uint GroupId, IReadOnlyList<int> ShardKey, IReadOnlyList<Segment> Segments);
