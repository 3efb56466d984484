using System;

namespace ShardSql.Planning.Catalogs;

/// <summary>Numbers of a sequence that one gateway has taken and nobody else gets.</summary>
/// <param name="First">The first.</param>
/// <param name="Increment">From one to the next.</param>
/// <param name="Count">How many there are.</param>
public readonly record struct SequenceBlock(long First, long Increment, long Count)
{
    /// <summary>The number at a place.</summary>
    public long NumberAt(long index) => (long)(First + ((Int128)index * Increment));

    /// <summary>Those from a place on.</summary>
    public SequenceBlock From(long index) =>
        index == Count ? default : new SequenceBlock(NumberAt(index), Increment, Count - index);
}
