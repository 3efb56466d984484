using System;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Primitives;

namespace ShardSql.Simulation.Model;

/// <summary>
/// The oracle of commit.md §1: committed transactions sorted by (π ascending, c descending) are a serial order, so that
/// replaying them on a dictionary gives every read and the final state again.
/// </summary>
public static class SerialReplay
{
    /// <summary>Replays.</summary>
    /// <param name="committed">All that committed; a reader without validation stands at (b, b).</param>
    /// <param name="final">The rows at the end.</param>
    /// <returns>The first difference, or null.</returns>
    public static string? Check(IEnumerable<ModelTransaction> committed, IReadOnlyDictionary<string, string> final)
    {
        var rows = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (ModelTransaction transaction in committed.OrderBy(t => t.Pi).ThenByDescending(t => t.Stamp))
        {
            if (FirstWrongRead(transaction, rows) is { } wrong)
            {
                return $"{transaction}: {wrong}";
            }

            foreach ((string key, string? value) in transaction.Writes)
            {
                if (value is null)
                {
                    rows.Remove(key);
                }
                else
                {
                    rows[key] = value;
                }
            }
        }

        return Same(rows, final.OrderBy(row => row.Key, StringComparer.Ordinal).ToList())
            ? null
            : $"final state: replay {Text(rows)}, shards {Text(final)}";
    }

    private static string? FirstWrongRead(ModelTransaction transaction, SortedDictionary<string, string> rows)
    {
        foreach ((string key, string? value) in transaction.Reads)
        {
            if (rows.GetValueOrDefault(key) != value)
            {
                return $"read {key}={value ?? "none"}, serially {rows.GetValueOrDefault(key) ?? "none"}";
            }
        }

        foreach (ModelScan scan in transaction.Scans)
        {
            List<KeyValuePair<string, string>> expected =
                [.. rows.Where(row => scan.Range.Contains(System.Text.Encoding.UTF8.GetBytes(row.Key)))];
            if (!Same(expected, scan.Rows))
            {
                return $"scanned {scan.Range} and saw {Text(scan.Rows)}, serially {Text(expected)}";
            }
        }

        return null;
    }

    private static bool Same(
        IReadOnlyCollection<KeyValuePair<string, string>> left, IReadOnlyCollection<KeyValuePair<string, string>> right) =>
        left.SequenceEqual(right);

    private static string Text(IEnumerable<KeyValuePair<string, string>> rows) =>
        "{" + string.Join(' ', rows.Select(row => row.Key + "=" + row.Value)) + "}";
}
