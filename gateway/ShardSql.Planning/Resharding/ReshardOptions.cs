namespace ShardSql.Planning.Resharding;

/// <summary>What a plan of RESHARD may do, and what it must bring.</summary>
public sealed record ReshardOptions
{
    /// <summary>Most rows, or segments, that may move.</summary>
    public int MovesMax { get; init; } = int.MaxValue;

    /// <summary>Thousandths of what is bad now that a plan must save; one that saves less has no moves.</summary>
    public int MinGainPerMille { get; init; }

    /// <summary>The most that a shard may bear, in thousandths of its share.</summary>
    public int BalancePerMille { get; init; } = 1_200;

    /// <summary>The same seed, map and graph give the same plan.</summary>
    public ulong Seed { get; init; } = 1;
}
