using System.Collections.Generic;

using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Primitives;

namespace ShardSql.Gateway.Moves;

/// <summary>A segment on its way from its owner to another shard, as one runner of its job sees it.</summary>
/// <param name="Job">The job.</param>
/// <param name="Term">The epoch of the job's lease.</param>
/// <param name="Segment">The segment as it was when the move began.</param>
/// <param name="Target">The shard that it goes to.</param>
/// <param name="Catalog">The catalog that its rows are read with.</param>
/// <param name="Ranges">Its row keys.</param>
internal sealed record MovingSegment(
    ulong Job, ulong Term, Segment Segment, ShardId Target, Catalog Catalog, IReadOnlyList<KeyRange> Ranges)
{
    /// <summary>The shard that it comes from.</summary>
    public ShardId Source => Segment.Shard;
}
