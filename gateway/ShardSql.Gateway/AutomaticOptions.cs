using System;

namespace ShardSql.Gateway;

/// <summary>How eagerly a gateway does what ALTER CLUSTER SET (auto_reshard, auto_split) allows it to.</summary>
public sealed record AutomaticOptions
{
    /// <summary>How often it looks at what transactions touch.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Looks in a row that must find a plan worth its cost, so that load that swings sends nothing to and
    /// fro.</summary>
    public int LooksNeeded { get; init; } = 3;

    /// <summary>At least so long lies between two plans, or jobs, of one kind: longer than what was seen before the one
    /// counts in the next.</summary>
    public TimeSpan MinInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Thousandths of the cross-shard transactions that a plan must save.</summary>
    public int MinGainPerMille { get; init; } = 100;

    /// <summary>A plan must pay within this time.</summary>
    public TimeSpan PaysWithin { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>What a step takes, in transactions that need not be cross-shard afterwards.</summary>
    public int StepCost { get; init; } = 50;

    /// <summary>Transactions that must have been looked at before anything is planned.</summary>
    public int MinSampled { get; init; } = 200;

    /// <summary>Transactions in a second that there must be of late; a gateway that serves fewer leaves the planning to
    /// another.</summary>
    public double MinPerSecond { get; init; } = 1;

    /// <summary>A segment is split when it alone bears so many thousandths of what a shard bears on average: then no
    /// arrangement of whole segments is even.</summary>
    public int SplitAbovePerMille { get; init; } = 1_200;
}
