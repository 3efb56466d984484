using System;

namespace ShardSql.Benchmarks.Workloads.Ycsb;

/// <summary>
/// Ranks from 0 of which rank r comes with a probability in proportion to 1 / (r + 1)^θ: Gray et al., Quickly
/// Generating Billion-Record Synthetic Databases, §3.2, as YCSB draws them.
/// </summary>
internal sealed class ZipfianRanks
{
    /// <summary>YCSB's θ.</summary>
    public const double Theta = 0.99;

    private const double Alpha = 1 / (1 - Theta);

    private static readonly double s_secondWeight = Weight(1);

    private double _zeta;
    private double _eta;

    /// <summary>Ranks below <paramref name="count"/>, 2 at least.</summary>
    public ZipfianRanks(long count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        GrowTo(count);
    }

    /// <summary>How many ranks there are.</summary>
    public long Count { get; private set; }

    /// <summary>Adds ranks; what is known of those before is not computed again.</summary>
    public void GrowTo(long count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, Count);
        if (count == Count)
        {
            return;
        }

        for (; Count < count; Count++)
        {
            _zeta += Weight(Count);
        }

        _eta = (1 - Math.Pow(2.0 / Count, 1 - Theta)) / (1 - ((1 + s_secondWeight) / _zeta));
    }

    /// <summary>The share of draws that a rank has.</summary>
    public double ShareOf(long rank) => Weight(rank) / _zeta;

    /// <summary>Draws a rank.</summary>
    public long Next(Random random)
    {
        double uniform = random.NextDouble();
        double scaled = uniform * _zeta;
        if (scaled < 1)
        {
            return 0;
        }

        return scaled < 1 + s_secondWeight
            ? 1
            : Math.Min(Count - 1, (long)(Count * Math.Pow((_eta * uniform) - _eta + 1, Alpha)));
    }

    private static double Weight(long rank) => 1 / Math.Pow(rank + 1, Theta);
}
