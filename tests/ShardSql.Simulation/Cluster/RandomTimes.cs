using System.Numerics;

using ShardSql.Primitives;

namespace ShardSql.Simulation.Cluster;

/// <summary>Random times in whole numbers, so that no processor's rounding changes a seed.</summary>
internal static class RandomTimes
{
    private const int FractionBits = 10;
    private const long Ln2 = 710; // ln 2 in units of 2^-10.

    /// <summary>Exponentially distributed about a mean: mean · −ln u, with −log2 u taken from leading zeros and a line
    /// between powers of two.</summary>
    public static long Exponential(this Prng prng, long mean)
    {
        ulong bits = prng.NextUInt64() | 1;
        int zeros = BitOperations.LeadingZeroCount(bits);
        long fraction = (long)((bits << zeros << 1) >> (64 - FractionBits));
        long log = ((long)(zeros + 1) << FractionBits) - fraction;
        return (mean * log * Ln2) >> (2 * FractionBits);
    }

    /// <summary>One of some values.</summary>
    public static T Pick<T>(this Prng prng, params T[] values) => values[prng.Next(values.Length)];
}
