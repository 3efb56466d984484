using System;
using System.Collections.Generic;

using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Sequences;
using ShardSql.Primitives;

namespace ShardSql.Gateway.Statements;

/// <summary>What a plan may take into account beside catalog and parameters.</summary>
/// <param name="PreferredShard">A shard that the transaction uses already: reference tables are read there.</param>
/// <param name="LeaderOf">The leader of a shard, for EXPLAIN.</param>
internal sealed record PlanHints(ShardId? PreferredShard, Func<ShardId, string> LeaderOf)
{
    /// <summary>Data shards that the transaction writes already.</summary>
    public IReadOnlyCollection<ShardId> WrittenShards { get; init; } = [];

    /// <summary>What kind of transaction it said that it is; null: nothing.</summary>
    public string? TransactionType { get; init; }

    /// <summary>Who numbers of sequences are given to; null: none are.</summary>
    public SessionNumbers? Numbers { get; init; }

    /// <summary>Whether nothing may be changed, sequences neither.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Whether the plan is only looked at.</summary>
    public bool Pretends { get; init; }

    /// <summary>The transaction that the plan is for, where that has made something of the schema.</summary>
    public OpenTransaction? Changed { get; init; }

    /// <summary>The snapshot that a query of the transaction is bound to; null: it is drawn later.</summary>
    public HlcTimestamp? Snapshot { get; init; }

    /// <summary>Nothing.</summary>
    public static PlanHints None { get; } = new(null, static _ => "?");

    /// <summary>The first data shard of a transaction, if there is one, those that it writes, and what it has made of the
    /// schema.</summary>
    public static PlanHints Of(OpenTransaction? transaction)
    {
        if (transaction is null)
        {
            return None;
        }

        PlanHints hints = None with
        {
            ReadOnly = transaction.ReadOnly,
            Changed = transaction.Schema is null ? null : transaction,
            WrittenShards = transaction.WrittenShards,
            Snapshot = transaction.IsFresh ? null : transaction.Begin,
        };
        foreach (ShardId shard in transaction.Participants)
        {
            if (shard != ShardId.System)
            {
                return hints with { PreferredShard = shard };
            }
        }

        return hints;
    }
}
