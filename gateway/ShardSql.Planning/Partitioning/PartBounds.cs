using System;
using System.Collections.Generic;

namespace ShardSql.Planning.Partitioning;

/// <summary>What each part should weigh and what it may weigh at most.</summary>
internal sealed class PartBounds
{
    public PartBounds(long[] targets, long[] limits)
    {
        Targets = targets;
        Limits = limits;
    }

    public PartBounds(long total, PartitionOptions options)
    {
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
            Targets[part] = total * share / sum;

            // A part may always take its share rounded up: else single units could not be dealt out at all.
            long roundedUp = ((total * share) + sum - 1) / sum;
            Int128 bound = (Int128)total * share * options.BalancePerMille / ((Int128)sum * 1000);
            Limits[part] = Math.Max(roundedUp, (long)bound);
        }
    }

    public long[] Targets { get; }

    public long[] Limits { get; }
}
