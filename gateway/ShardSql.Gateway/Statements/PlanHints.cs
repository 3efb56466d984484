using System;

using ShardSql.Gateway.Commit;
using ShardSql.Primitives;

namespace ShardSql.Gateway.Statements;

/// <summary>What a plan may take into account beside catalog and parameters.</summary>
/// <param name="PreferredShard">A shard that the transaction uses already: reference tables are read there.</param>
/// <param name="LeaderOf">The leader of a shard, for EXPLAIN.</param>
internal sealed record PlanHints(ShardId? PreferredShard, Func<ShardId, string> LeaderOf)
{
    /// <summary>Nothing.</summary>
    public static PlanHints None { get; } = new(null, static _ => "?");

    /// <summary>The first data shard of a transaction, if there is one.</summary>
    public static PlanHints Of(OpenTransaction? transaction)
    {
        foreach (ShardId shard in transaction?.Participants ?? [])
        {
            if (shard != ShardId.System)
            {
                return None with { PreferredShard = shard };
            }
        }

        return None;
    }
}
