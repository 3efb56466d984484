using System;
using ShardSql.Primitives;

namespace ShardSql.Planning.Partitioning;

/// <summary>
/// Whether a plan is done: only when its gain is worth its cost several times in a row, so that load that swings does
/// not send rows to and fro. A value: each offer returns the gate as it stands afterwards.
/// </summary>
/// <param name="RatioPerMille">The least gain, in thousandths of the cost.</param>
/// <param name="Needed">Offers in a row that must be worth it.</param>
/// <param name="Passed">Offers in a row that were.</param>
public sealed record HysteresisGate(int RatioPerMille, int Needed = 2, int Passed = 0)
{
    /// <summary>
    /// Judges a plan by its gain and its cost, both in the same unit; after an opening it starts anew.
    /// </summary>
    public (HysteresisGate Next, bool IsOpen) Offer(long gain, long cost)
    {
        Invariant.Check(
            RatioPerMille >= 0 && Needed > 0 && cost >= 0, "A gate has a threshold, and costs are not negative.");
        bool isWorth = gain > 0 && (Int128)gain * 1000 >= (Int128)cost * RatioPerMille;
        int passed = isWorth ? Passed + 1 : 0;
        return passed >= Needed ? (this with { Passed = 0 }, true) : (this with { Passed = passed }, false);
    }
}
