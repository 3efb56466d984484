using System.Collections.Generic;
using System.Linq;

namespace ShardSql.Simulation.Cluster;

/// <summary>
/// Leaves out faults of a failing seed as long as it fails: halves first, then ever smaller parts. What goes wrong may
/// change on the way; that something does is kept.
/// </summary>
public static class ClusterShrinker
{
    private const int RunsMax = 60;

    /// <summary>Finds faults that are enough.</summary>
    /// <param name="failing">A run that shows an anomaly.</param>
    /// <param name="report">What it showed.</param>
    /// <returns>Numbers of faults, rising.</returns>
    public static IReadOnlyList<int> Shrink(ClusterOptions failing, ClusterReport report)
    {
        List<int> kept = [.. Enumerable.Range(1, report.Plan.Count)];
        int runs = 0;
        for (int part = kept.Count; part >= 1; part /= 2)
        {
            for (int at = 0; at < kept.Count && runs < RunsMax;)
            {
                List<int> fewer = [.. kept.Take(at), .. kept.Skip(at + part)];
                runs++;
                if (Fails(failing, fewer))
                {
                    kept = fewer;
                }
                else
                {
                    at += part;
                }
            }
        }

        return kept;
    }

    private static bool Fails(ClusterOptions failing, List<int> kept)
    {
        var numbers = new SortedSet<int>(kept);
        ClusterOptions options = failing with { SkipsFault = number => !numbers.Contains(number) };
        return SimulatedCluster.Run(options).Anomalies.Count > 0;
    }
}
