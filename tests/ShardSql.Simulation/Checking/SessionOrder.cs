using System.Collections.Generic;
using System.Linq;

namespace ShardSql.Simulation.Checking;

/// <summary>Edges of sessions and of real time; the latter as their transitive reduction.</summary>
internal static class SessionOrder
{
    public static void AddTo(DependencyGraph graph, IReadOnlyList<HistoryOperation> history)
    {
        AddProcesses(graph, history);
        AddRealtime(graph, history);
    }

    private static void AddProcesses(DependencyGraph graph, IReadOnlyList<HistoryOperation> history)
    {
        var last = new Dictionary<int, int>();
        foreach (int i in Enumerable.Range(0, history.Count).OrderBy(i => history[i].InvokedAt))
        {
            if (history[i].Outcome == HistoryOutcome.Fail)
            {
                continue;
            }

            if (last.TryGetValue(history[i].Process, out int before))
            {
                graph.Add(before, i, Dependency.Process);
            }

            // Whether an unknown one took effect before the next began is not known.
            if (history[i].Outcome == HistoryOutcome.Ok)
            {
                last[history[i].Process] = i;
            }
        }
    }

    // The frontier holds what has ended and is not before anything else that has ended.
    private static void AddRealtime(DependencyGraph graph, IReadOnlyList<HistoryOperation> history)
    {
        var events = new List<(long At, bool IsEnd, int Transaction)>();
        for (int i = 0; i < history.Count; i++)
        {
            if (history[i].Outcome != HistoryOutcome.Fail)
            {
                events.Add((history[i].InvokedAt, false, i));
                if (history[i].Outcome == HistoryOutcome.Ok)
                {
                    events.Add((history[i].CompletedAt, true, i));
                }
            }
        }

        // At the same instant beginnings come first: such transactions are concurrent.
        events.Sort();
        var frontier = new SortedSet<int>();
        var before = new Dictionary<int, int[]>();
        foreach ((_, bool isEnd, int transaction) in events)
        {
            if (isEnd)
            {
                frontier.ExceptWith(before[transaction]);
                frontier.Add(transaction);
                before.Remove(transaction);
                continue;
            }

            before[transaction] = [.. frontier];
            foreach (int ended in frontier)
            {
                graph.Add(ended, transaction, Dependency.Realtime);
            }
        }
    }
}
