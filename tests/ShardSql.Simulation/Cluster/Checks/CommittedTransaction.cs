using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Cluster.Checks;

/// <summary>An attempt as the logs tell of it.</summary>
internal sealed class CommittedTransaction
{
    public TxnId Id { get; init; }

    public HlcTimestamp Stamp { get; init; }

    public HlcTimestamp Pi { get; set; }

    public int Participants { get; set; }

    /// <summary>Its outcome; null as long as no log says.</summary>
    public bool? Commits { get; set; }

    /// <summary>Whether somebody has voted yes, so that an outcome is owed.</summary>
    public bool VotedYes { get; set; }

    public SortedDictionary<ShardId, TransactionShare> Shares { get; } = [];

    /// <summary>What its client saw.</summary>
    public TransactionContext? Context { get; set; }

    public override string ToString() => $"{Id} c={Stamp} π={Pi}";
}

/// <summary>A row of the serial replay; deleted ones stay, with the stamp of their deletion.</summary>
internal readonly record struct ReplayedRow(byte[]? Stored, HlcTimestamp Cstamp);
