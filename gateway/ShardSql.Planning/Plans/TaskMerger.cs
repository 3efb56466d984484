using System.Collections.Generic;
using ShardSql.Primitives;

namespace ShardSql.Planning.Plans;

/// <summary>Joins tasks of one statement that go to the same shard. A fragment after another is one fragment with the
/// statements of both: messages that follow each other are one message with the fields of both.</summary>
internal static class TaskMerger
{
    /// <summary>One task for each shard; what the first tasks say comes first.</summary>
    /// <param name="tasks">Those whose rows count, with the parameters.</param>
    /// <param name="more">Others, which take no parameters.</param>
    public static IReadOnlyList<ShardTask> Merge(IReadOnlyList<ShardTask> tasks, IReadOnlyList<ShardTask> more)
    {
        if (more.Count == 0)
        {
            return tasks;
        }

        var merged = new SortedDictionary<ShardId, ShardTask>();
        foreach (ShardTask task in tasks)
        {
            merged.Add(task.Shard, task);
        }

        foreach (ShardTask task in more)
        {
            merged[task.Shard] = merged.TryGetValue(task.Shard, out ShardTask? first)
                ? Join(first, task)
                : task with { CountsRows = false };
        }

        return [.. merged.Values];
    }

    private static ShardTask Join(ShardTask first, ShardTask second) => first with
    {
        Fragment = (byte[])[.. first.Fragment.Span, .. second.Fragment.Span],
        Tables = [.. first.Tables, .. second.Tables],
        Segments = [.. first.Segments, .. second.Segments],
        IsInOrder = first.IsInOrder || second.IsInOrder,
    };
}
