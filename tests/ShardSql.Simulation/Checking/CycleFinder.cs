using System;
using System.Collections.Generic;
using System.Linq;

namespace ShardSql.Simulation.Checking;

/// <summary>Names the weakest kind of cycle: G0, G1c, G-single, G-nonadjacent, G2-item (Adya; Elle).</summary>
internal static class CycleFinder
{
    private const Dependency Item = Dependency.WriteWrite | Dependency.WriteRead;

    public static Anomaly? Find(DependencyGraph graph, IReadOnlyList<HistoryOperation> history)
    {
        graph.Components(Item | Dependency.ReadWrite | Dependency.Process | Dependency.Realtime, out bool anyCycle);
        if (!anyCycle)
        {
            return null;
        }

        return Find(graph, history, Dependency.None, string.Empty)
            ?? Find(graph, history, Dependency.Process, "-process")
            ?? Find(graph, history, Dependency.Process | Dependency.Realtime, "-realtime");
    }

    private static Anomaly? Find(
        DependencyGraph graph, IReadOnlyList<HistoryOperation> history, Dependency order, string suffix)
    {
        graph.Components(Item | Dependency.ReadWrite | order, out bool anyCycle);
        if (!anyCycle)
        {
            return null;
        }

        (string Kind, List<int>? Cycle)[] finds =
        [
            ("G0", CycleWith(graph, Dependency.WriteWrite, Dependency.WriteWrite | order)),
            ("G1c", CycleWith(graph, Dependency.WriteRead, Item | order)),
            ("G-single", CycleWith(graph, Dependency.ReadWrite, Item | order)),
            ("G-nonadjacent", CycleOfLoneReadWrites(graph, Item | order)),
            ("G2-item", CycleWith(graph, Dependency.ReadWrite, Item | Dependency.ReadWrite | order)),

            // Only the order of sessions and of time, and nothing read or written: cannot be.
            ("order", CycleWith(graph, order, order)),
        ];
        (string kind, List<int>? cycle) = finds.First(find => find.Cycle is not null);
        return new Anomaly(kind + suffix, Explain(graph, history, cycle!));
    }

    // The shortest cycle that begins with an edge of one kind and goes on over others.
    private static List<int>? CycleWith(DependencyGraph graph, Dependency first, Dependency rest)
    {
        int[] component = graph.Components(first | rest, out bool anyCycle);
        List<int>? best = null;
        for (int from = 0; anyCycle && from < graph.Count; from++)
        {
            foreach ((int to, _) in graph.From(from, first))
            {
                if (component[from] == component[to] && graph.Path(to, from, rest) is { } path
                    && (best is null || path.Count < best.Count))
                {
                    best = path;
                }
            }

            if (best is not null)
            {
                return best;
            }
        }

        return null;
    }

    private static List<int>? CycleOfLoneReadWrites(DependencyGraph graph, Dependency others)
    {
        int[] component = graph.Components(others | Dependency.ReadWrite, out _);
        for (int from = 0; from < graph.Count; from++)
        {
            foreach ((int to, _) in graph.From(from, Dependency.ReadWrite))
            {
                if (component[from] == component[to] && graph.PathOfLoneReadWrites(to, from, others) is { } path)
                {
                    return path;
                }
            }
        }

        return null;
    }

    private static string Explain(DependencyGraph graph, IReadOnlyList<HistoryOperation> history, List<int> cycle)
    {
        var lines = new List<string>();
        for (int i = 0; i < cycle.Count; i++)
        {
            int from = cycle[i];
            int to = cycle[(i + 1) % cycle.Count];
            Dependency why = graph.From(from, (Dependency)~0).FirstOrDefault(edge => edge.To == to).Why;
            lines.Add(FormattableString.Invariant($"T{from} ({history[from]}) before T{to} by {why}"));
        }

        return string.Join("; ", lines);
    }
}
