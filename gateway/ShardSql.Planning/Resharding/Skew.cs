using System;
using System.Collections.Generic;
using System.Linq;

namespace ShardSql.Planning.Resharding;

/// <summary>How unevenly weight lies.</summary>
internal static class Skew
{
    /// <summary>The weightiest in thousandths of the average; 1000 where there is no weight.</summary>
    public static int PerMille(IReadOnlyCollection<long> weights)
    {
        long total = weights.Sum();
        return total == 0 ? 1_000 : (int)((Int128)weights.Max() * weights.Count * 1_000 / total);
    }
}
