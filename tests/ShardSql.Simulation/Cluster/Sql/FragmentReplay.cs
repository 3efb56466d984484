using System;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Execution;
using ShardSql.Primitives;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Cluster.Sql;

/// <summary>Runs a fragment once more over the rows of its place in the serial order: whatever it read there, row, range
/// or that there was nothing, it must give the same.</summary>
internal static class FragmentReplay
{
    /// <summary>What it gives otherwise, or null.</summary>
    public static string? FirstWrong(FragmentSeen seen, SortedDictionary<byte[], byte[]> rows)
    {
        using var account = new MemoryAccount("replay", MemoryAccount.DefaultStatementLimitBytes);
        FragmentRun run = FragmentRun.Create(seen.Fragment, seen.Parameters, account);
        var overlay = new SortedDictionary<byte[], byte[]?>(ByteKeyComparer.Instance);
        foreach (KeyWrite write in seen.Overlay)
        {
            overlay[write.Key] = write.Value;
        }

        var output = new ByteWriter();
        FragmentState state;
        do
        {
            state = run.Step(FragmentRun.SliceRows);
            if (state == FragmentState.NeedKeys)
            {
                run.SupplyKeys([.. run.NeededKeys.Select(key =>
                    overlay.TryGetValue(key, out byte[]? own) ? own : rows.GetValueOrDefault(key))]);
            }
            else if (state == FragmentState.NeedRange)
            {
                List<KeyValuePair<byte[], byte[]>> found = [.. In(run.NeededRange, rows, overlay).Take(run.NeededLimit + 1)];
                run.SupplyRange([.. found.Take(run.NeededLimit)], found.Count <= run.NeededLimit);
            }

            run.TakeOutput(output);
        }
        while (state != FragmentState.Done);

        return output.WrittenSpan.SequenceEqual(seen.Rows) && run.RowsAffected == seen.RowsAffected ? null
            : $"a fragment at {seen.Shard} gave {Convert.ToHexString(seen.Rows)} and changed {seen.RowsAffected} rows, "
                + $"serially {Convert.ToHexString(output.WrittenSpan)} and {run.RowsAffected}";
    }

    private static IEnumerable<KeyValuePair<byte[], byte[]>> In(
        KeyRange range, SortedDictionary<byte[], byte[]> rows, SortedDictionary<byte[], byte[]?> overlay)
    {
        IEnumerable<KeyValuePair<byte[], byte[]>> below = rows.Where(row =>
            range.Contains(row.Key) && !overlay.ContainsKey(row.Key));
        IEnumerable<KeyValuePair<byte[], byte[]>> above = overlay
            .Where(row => range.Contains(row.Key) && row.Value is not null)
            .Select(row => KeyValuePair.Create(row.Key, row.Value!));
        return below.Concat(above).OrderBy(row => row.Key, ByteKeyComparer.Instance);
    }
}
