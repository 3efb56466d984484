using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Explaining;

/// <summary>The lines of EXPLAIN (sql.md §2): the verdict, then the tree with a line for each key or shard.</summary>
internal static class ExplainText
{
    /// <summary>Begins the line of the hint.</summary>
    public const string HintPrefix = "hint: ";

    private const int KeyTextMax = 64;
    private const string Sequence = "SEQUENCE";

    /// <summary>The lines for a statement.</summary>
    public static IReadOnlyList<ExplainLine> Lines(ExplainInput input, PlanningContext context)
    {
        var lines = new List<ExplainLine> { new(Verdict(input, context)) };
        if (Hint(input) is { } hint)
        {
            lines.Add(new ExplainLine(HintPrefix + hint));
        }

        string indent = string.Empty;
        foreach (string step in input.GatewaySteps)
        {
            lines.Add(new ExplainLine(indent + step));
            indent += "  ";
        }

        string steps = input.ShardSteps.Count == 0 ? string.Empty : " [" + string.Join(", ", input.ShardSteps) + "]";
        foreach (ShardAccess shard in input.Shards)
        {
            AddShard(lines, indent, steps, input, shard, context.LeaderOf(shard.Shard));
        }

        lines.AddRange(input.Checks);
        return lines;
    }

    /// <summary>The lines for a change of the schema.</summary>
    public static IReadOnlyList<ExplainLine> DdlLines(string tag, DdlChange change, PlanningContext context)
    {
        var lines = new List<ExplainLine>
        {
            new(change.Shards.Count == 0
                ? $"distribution: SINGLE-SHARD (the system shard)   commit: {CommitOf(1, isWrite: true)}"
                    + "   reason: the schema changes in the system shard alone"
                : $"distribution: CROSS-SHARD ({Where(change.Shards, context)}, and the system shard)"
                    + $"   commit: {CommitOf(2, isWrite: true)}"
                    + "   reason: the schema changes in the system shard and on every shard of the table together"),
        };
        foreach (TableDescriptor table in change.Added)
        {
            string verb = change.Referenced.Contains(table.Id) ? "refer to"
                : tag.EndsWith(Sequence, System.StringComparison.Ordinal) ? "alter table" : tag.ToLowerInvariant();
            lines.Add(new ExplainLine($"{verb} {table.Name}"));
        }

        foreach (TableDescriptor table in change.Dropped)
        {
            lines.Add(new ExplainLine($"{tag.ToLowerInvariant()} {table.Name}"));
        }

        foreach (SequenceDescriptor sequence in change.After.Catalog.Sequences.Except(context.Catalog.Sequences))
        {
            bool isNew = context.Catalog.Sequences.All(s => s.Id != sequence.Id);
            lines.Add(new ExplainLine($"{(isNew ? "create" : "alter")} sequence {sequence.Name}"));
        }

        foreach (SequenceDescriptor sequence in context.Catalog.Sequences)
        {
            if (change.After.Catalog.Sequences.All(s => s.Id != sequence.Id))
            {
                lines.Add(new ExplainLine($"drop sequence {sequence.Name}"));
            }
        }

        foreach (Segment segment in change.AddedSegments)
        {
            lines.Add(new ExplainLine($"  new {segment.Id} -> {segment.Shard} leader {context.LeaderOf(segment.Shard)}"));
        }

        foreach (Segment segment in change.RemovedSegments)
        {
            lines.Add(new ExplainLine($"  drop {segment.Id} -> {segment.Shard} leader {context.LeaderOf(segment.Shard)}"));
        }

        return lines;
    }

    /// <summary>The verdict of IF [NOT] EXISTS where nothing is to be done.</summary>
    public static ExplainLine NothingToDo(PlanningContext context) =>
        new($"distribution: GATEWAY ({Where([], context)})   commit: none   reason: there is nothing to do");

    /// <summary>The verdict of a statement on some shards.</summary>
    public static string VerdictOf(
        IReadOnlyList<ShardId> shards, bool isWrite, string reason, PlanningContext context)
    {
        string kind = shards.Count == 0 ? "GATEWAY" : shards.Count == 1 ? "SINGLE-SHARD" : "CROSS-SHARD";
        string commit = CommitOf(shards.Count, isWrite);
        return $"distribution: {kind} ({Where(shards, context)})   commit: {commit}   reason: {reason}";
    }

    private static string Verdict(ExplainInput input, PlanningContext context)
    {
        var all = new SortedSet<ShardId>(input.Elsewhere);
        foreach (ShardAccess shard in input.Shards)
        {
            all.Add(shard.Shard);
        }

        bool checksElsewhere = !all.IsSupersetOf(input.CheckShards) && all.Count == 1;
        all.UnionWith(input.CheckShards);
        string reason = checksElsewhere
            ? $"foreign keys of {input.Table!.Name} refer to rows on other shards"
            : Reason(input);
        return VerdictOf([.. all], input.IsWrite, reason, context);
    }

    /// <summary>How a statement on so many shards ends.</summary>
    private static string CommitOf(int shards, bool isWrite) => shards == 0
        ? "none"
        : !isWrite ? "none (snapshot read)"
        : shards == 1 ? "1 log entry (ONE), 1 round" : "2PC + DSSN exchange, 1 round";

    /// <summary>What would make it cheaper; null: nothing that is known here.</summary>
    private static string? Hint(ExplainInput input)
    {
        if (input.Table is not { ShardKey.Count: > 0 } table || input.Shards.Count < 2
            || input.Access is { Index.IsGlobal: true })
        {
            return null;
        }

        ShardAccess[] shards = [.. input.Shards];
        if (shards[0].Keys.Count > 0)
        {
            return table.Columns[table.KeyColumns[^1]].Hidden
                ? null
                : $"rows of one shard key ({ShardKeyText(table)}) live together: give what is used together the same one";
        }

        return input.EqualColumns == 0 && !input.IsBounded
            ? $"a condition on the shard key ({ShardKeyText(table)}) makes it SINGLE-SHARD"
            : null;
    }

    private static string Where(IReadOnlyList<ShardId> shards, PlanningContext context)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{shards.Count} of {context.Map.DataShards.Count} shards");
        for (int i = 0; i < shards.Count; i++)
        {
            text.Append(i == 0 ? ": " : ", ").Append(shards[i]);
        }

        return text.ToString();
    }

    private static string Reason(ExplainInput input)
    {
        if (input.Table is not { } table)
        {
            return "no table is read";
        }

        if (input.Shards.Count == 0)
        {
            return "the condition is never true";
        }

        if (table.Placement == PlacementKind.Reference)
        {
            return input.IsWrite
                ? $"every shard has a copy of the reference table {table.Name}"
                : $"any shard has a copy of the reference table {table.Name}";
        }

        if (input.Access is { Index: { } index } access)
        {
            return IndexReason(table, index, access);
        }

        ShardAccess[] shards = [.. input.Shards];
        foreach (ShardId written in input.Elsewhere)
        {
            if (shards.Length == 1 && written != shards[0].Shard)
            {
                return $"entries of the global indexes of {table.Name} are placed by their columns";
            }
        }

        if (shards.Length == 1)
        {
            return SingleReason(table, shards[0], input);
        }

        if (shards[0].Keys.Count > 0 && shards[1].Keys.Count > 0)
        {
            return table.Columns[table.KeyColumns[^1]].Hidden
                ? $"the rows of {table.Name} live in different segments"
                : KeysReason(table, shards[0].ShownKeys[0].Key, shards[1].ShownKeys[0].Key);
        }

        bool fixes = input.EqualColumns > 0 || (input.IsBounded && table.Placement == PlacementKind.Range);
        string shardKey = ShardKeyText(table);
        return fixes
            ? $"the condition on the shard key ({shardKey}) of {table.Name} crosses segments"
            : $"no condition fixes the shard key ({shardKey}) of {table.Name}";
    }

    private static string IndexReason(TableDescriptor table, IndexDescriptor index, TableAccess access)
    {
        if (!index.IsGlobal)
        {
            return $"the entries of index {index.Name} are on the shards of the rows of {table.Name}";
        }

        return access.IsLookUp
            ? $"the entries of index {index.Name} are placed by its columns, and lead to rows of {table.Name} anywhere"
            : $"the entries of index {index.Name} are placed by its columns, and hold all that is read";
    }

    private static string KeysReason(TableDescriptor table, SqlValue[] left, SqlValue[] right)
    {
        int order = 0;
        for (int i = 0; i < left.Length && order == 0; i++)
        {
            order = SqlValue.Compare(left[i], right[i]);
        }

        (SqlValue[] low, SqlValue[] high) = order <= 0 ? (left, right) : (right, left);
        return $"{table.Name} {KeyText(low)} and {KeyText(high)} live in different segments";
    }

    private static string SingleReason(TableDescriptor table, ShardAccess shard, ExplainInput input)
    {
        if (shard.Segments.Count > 1)
        {
            return shard.Keys.Count > 0
                ? $"all {shard.Keys.Count.ToString(CultureInfo.InvariantCulture)} keys of {table.Name} live on {shard.Shard}"
                : $"all segments of {table.Name} that are visited live on {shard.Shard}";
        }

        SegmentId segment = default;
        foreach (Segment only in shard.Segments)
        {
            segment = only.Id;
        }

        if (shard.Keys.Count == 1)
        {
            return $"key {KeyText(shard.ShownKeys[0].Key)} of {table.Name} lives in {segment}";
        }

        if (shard.Keys.Count > 1)
        {
            return $"all {shard.Keys.Count.ToString(CultureInfo.InvariantCulture)} keys of {table.Name} live in {segment}";
        }

        bool fixes = table.ShardKey.Count > 0 && input.EqualColumns >= table.ShardKey.Count;
        return fixes
            ? $"the shard key ({ShardKeyText(table)}) is fixed, its rows live in {segment}"
            : $"the rows of {table.Name} that are visited live in {segment}";
    }

    private static void AddShard(
        List<ExplainLine> lines, string indent, string steps, ExplainInput input, ShardAccess shard, string leader)
    {
        string verb = $"{indent}{input.Verb} {input.Access?.VisitedName ?? input.Table!.Name}";
        foreach ((SqlValue[] key, Segment? segment) in shard.ShownKeys)
        {
            string at = segment is null ? "copy" : segment.Id.ToString();
            lines.Add(new ExplainLine($"{verb} key={KeyText(key)} -> {shard.Shard}/{at} leader {leader}{steps}")
            {
                Shard = shard.Shard,
            });
        }

        if (shard.Keys.Count > shard.ShownKeys.Count)
        {
            int more = shard.Keys.Count - shard.ShownKeys.Count;
            lines.Add(new ExplainLine(string.Create(
                CultureInfo.InvariantCulture, $"{verb} and {more} more keys -> {shard.Shard} leader {leader}{steps}"))
            {
                Shard = shard.Shard,
            });
        }

        if (shard.Ranges.Count > 0)
        {
            var segments = new List<string>();
            foreach (Segment segment in shard.Segments)
            {
                segments.Add(segment.Id.ToString());
            }

            string at = segments.Count == 0 ? "copy" : string.Join(",", segments);
            string ranges = input.EqualColumns == 0 && !input.IsBounded
                ? "all rows"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{shard.Ranges.Count} key range{(shard.Ranges.Count == 1 ? string.Empty : "s")}");
            lines.Add(new ExplainLine($"{verb} {ranges} -> {shard.Shard}/{at} leader {leader}{steps}")
            {
                Shard = shard.Shard,
            });
        }
    }

    private static string KeyText(SqlValue[] key)
    {
        var parts = new List<string>(key.Length);
        foreach (SqlValue value in key)
        {
            parts.Add(value.ToText());
        }

        string text = key.Length == 1 ? parts[0] : "(" + string.Join(", ", parts) + ")";
        return text.Length <= KeyTextMax ? text : text[..KeyTextMax] + "...";
    }

    private static string ShardKeyText(TableDescriptor table)
    {
        var names = new List<string>(table.ShardKey.Count);
        foreach (int ordinal in table.ShardKey)
        {
            names.Add(table.Columns[ordinal].Name);
        }

        return string.Join(", ", names);
    }
}
