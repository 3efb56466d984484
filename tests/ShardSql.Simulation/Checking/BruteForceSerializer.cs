using System.Collections.Generic;
using System.Linq;

namespace ShardSql.Simulation.Checking;

/// <summary>Tries all serial orders of a small history: what the checker is compared with.</summary>
public static class BruteForceSerializer
{
    /// <summary>The longest history that is tried.</summary>
    public const int TransactionsMax = 7;

    /// <summary>
    /// Whether some order of all acknowledged transactions and of some unknown ones explains every read and the end.
    /// </summary>
    public static bool IsSerializable(
        IReadOnlyList<HistoryOperation> history, IReadOnlyDictionary<int, IReadOnlyList<int>> final)
    {
        List<HistoryOperation> known = [.. history.Where(operation => operation.Outcome == HistoryOutcome.Ok)];
        List<HistoryOperation> unknown = [.. history.Where(operation => operation.Outcome == HistoryOutcome.Info)];
        for (int subset = 0; subset < 1 << unknown.Count; subset++)
        {
            List<HistoryOperation> all = [.. known, .. unknown.Where((_, i) => (subset & (1 << i)) != 0)];
            if (Extend(all, new bool[all.Count], [], final))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Extend(
        List<HistoryOperation> all, bool[] used, SortedDictionary<int, List<int>> lists,
        IReadOnlyDictionary<int, IReadOnlyList<int>> final)
    {
        if (used.All(done => done))
        {
            return lists.All(list => list.Value.SequenceEqual(final.GetValueOrDefault(list.Key, [])))
                && final.All(list => list.Value.Count == (lists.GetValueOrDefault(list.Key)?.Count ?? 0));
        }

        for (int i = 0; i < all.Count; i++)
        {
            if (!used[i] && Run(all[i], lists) is { } after)
            {
                used[i] = true;
                if (Extend(all, used, after, final))
                {
                    return true;
                }

                used[i] = false;
            }
        }

        return false;
    }

    private static SortedDictionary<int, List<int>>? Run(HistoryOperation operation, SortedDictionary<int, List<int>> lists)
    {
        var after = new SortedDictionary<int, List<int>>();
        foreach ((int key, List<int> list) in lists)
        {
            after.Add(key, [.. list]);
        }

        foreach (MicroOperation step in operation.Steps)
        {
            if (!after.TryGetValue(step.Key, out List<int>? list))
            {
                after[step.Key] = list = [];
            }

            if (step.Append is { } element)
            {
                list.Add(element);
            }
            else if (operation.Outcome == HistoryOutcome.Ok && !list.SequenceEqual(step.Read))
            {
                return null;
            }
        }

        return after;
    }
}
