namespace ShardSql.Planning.Partitioning;

/// <summary>What a plan that changes a partition in place may do, and what it must bring.</summary>
public sealed record RepartitionOptions
{
    /// <summary>Parts, shares, balance, seed.</summary>
    public required PartitionOptions Partition { get; init; }

    /// <summary>Most vertices that may move.</summary>
    public int MovesMax { get; init; } = PartitionGraph.VerticesMax;

    /// <summary>Thousandths of the cut that a plan must save; one that saves less has no moves.</summary>
    public int MinGainPerMille { get; init; }

    /// <summary>
    /// What one moved vertex must save of the cut, in thousandths of the edge weight that the average vertex has.
    /// Low, a plan goes as far as its budget for the last gains; high, only what is far from home moves.
    /// </summary>
    public int MovePricePerMille { get; init; } = 10;
}
