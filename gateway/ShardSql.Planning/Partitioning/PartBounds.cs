using System;
using System.Collections.Generic;

namespace ShardSql.Planning.Partitioning;

/// <summary>What each part should weigh and what it may weigh at most.</summary>
internal sealed class PartBounds
{
    private readonly long[] _shares;

    /// <summary>Two sides of a bisection, which are no parts yet.</summary>
    public PartBounds(long[] targets, long[] limits)
    {
        Targets = targets;
        Limits = limits;
        _shares = targets;
    }

    public PartBounds(long total, PartitionOptions options)
    {
        _shares = new long[options.Parts];
        Targets = new long[options.Parts];
        Limits = new long[options.Parts];
        IReadOnlyList<int>? shares = options.Shares;
        long sum = 0;
        for (int part = 0; part < options.Parts; part++)
        {
            sum += shares?[part] ?? 1;
        }

        for (int part = 0; part < options.Parts; part++)
        {
            long share = shares?[part] ?? 1;
            _shares[part] = share;
            Targets[part] = total * share / sum;

            // A part may always take its share rounded up: else single units could not be dealt out at all.
            long roundedUp = ((total * share) + sum - 1) / sum;
            Int128 bound = (Int128)total * share * options.BalancePerMille / ((Int128)sum * 1000);
            Limits[part] = Math.Max(roundedUp, (long)bound);
        }
    }

    public long[] Targets { get; }

    public long[] Limits { get; }

    /// <summary>The part most above its share, in thousandths of that share, rounded up.</summary>
    public int ImbalancePerMille(ReadOnlySpan<long> weights)
    {
        long total = 0;
        long sum = 0;
        for (int part = 0; part < weights.Length; part++)
        {
            total += weights[part];
            sum += _shares[part];
        }

        int worst = 0;
        for (int part = 0; part < weights.Length && total > 0; part++)
        {
            Int128 divisor = (Int128)total * _shares[part];
            Int128 perMille = (((Int128)weights[part] * sum * 1000) + divisor - 1) / divisor;
            worst = Math.Max(worst, (int)perMille);
        }

        return worst;
    }

    /// <summary>By how much parts weigh more than they may, together.</summary>
    public long Overweight(ReadOnlySpan<long> weights)
    {
        long over = 0;
        for (int part = 0; part < weights.Length; part++)
        {
            over += Math.Max(0, weights[part] - Limits[part]);
        }

        return over;
    }
}
