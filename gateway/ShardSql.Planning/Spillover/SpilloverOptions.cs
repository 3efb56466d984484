using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Spillover;

/// <summary>WITH (...) of spillover (sql.md §2).</summary>
internal static class SpilloverOptions
{
    private const int MaxPendingMax = 1_000_000;
    private const int RateMax = 1_000_000;
    private const int UsualMaxSlots = 16;
    private const string PerSecond = "/s";
    private const string ByName = "by";
    private const string Known =
        "There are policy = 'sum', 'bounded_sum', 'append', 'last_write' or 'timestamp' with by = 'column', trigger = 'always', 'manual' or 'auto', min_shards = 1, max_shards = 16 or slots = 4 for both, "
        + "n = 4, split_at = '2000/s', merge_at = '100/s', merge_every = '100ms', max_pending = 10000, max_age = '1s'.";

    private static readonly TimeSpan s_mergeEveryMin = TimeSpan.FromMilliseconds(50);

    /// <summary>Spill shards where nothing else is said: one for each data shard, so that a delta lies where its transaction
    /// writes anyway.</summary>
    public static int MinSlots(int dataShards) => Math.Min(dataShards, SpilloverDescriptor.SlotsMax);

    /// <summary>Spill shards at most where nothing else is said.</summary>
    public static int MaxSlots(int dataShards) => Math.Max(MinSlots(dataShards), UsualMaxSlots);

    /// <summary>The spillover with the options; 22023 for one that is not known, a value that is none, or two that do not go
    /// together. A bound of a new one that nobody gave follows the other.</summary>
    public static SpilloverDescriptor Of(SpilloverDescriptor read, IReadOnlyCollection<Option> options, Binding constants)
    {
        bool Says(string name) => options.Any(option => option.Name == name);
        SpilloverDescriptor made = Read(read, options, constants);
        if (made.Slots == 0 && made.MinSlots > made.MaxSlots && Says("min_shards") != Says("max_shards"))
        {
            made = Says("min_shards") ? made with { MaxSlots = made.MinSlots } : made with { MinSlots = made.MaxSlots };
        }

        Require(made.MinSlots <= made.MaxSlots, "min_shards", "max_shards", made.MinSlots, made.MaxSlots);
        Require(made.MergeAt < made.SplitAt, "merge_at", "split_at", made.MergeAt, made.SplitAt);
        return made;
    }

    /// <summary>The name of the column by which policy timestamp decides; null: none is given.</summary>
    public static (string Name, int Position)? By(IEnumerable<Option> options, Binding constants)
    {
        foreach (Option option in options)
        {
            if (option.Name == ByName)
            {
                SqlValue value = constants.Evaluate(option.Value);
                return (value.IsNull ? string.Empty : value.ToText(), (int)option.Position);
            }
        }

        return null;
    }

    private static void Require(bool holds, string low, string high, int lowest, int highest)
    {
        if (!holds)
        {
            throw new SqlException(
                SqlStates.InvalidParameterValue,
                string.Create(CultureInfo.InvariantCulture, $"option \"{low}\" is {lowest} and \"{high}\" {highest}"))
            {
                Hint = low == "min_shards"
                    ? "min_shards is at most max_shards."
                    : "merge_at is below split_at, or spill shards would come and go.",
            };
        }
    }

    private static SpilloverDescriptor Read(SpilloverDescriptor read, IEnumerable<Option> options, Binding constants)
    {
        foreach (Option option in options)
        {
            SqlValue value = constants.Evaluate(option.Value);
            string text = value.IsNull ? string.Empty : value.ToText();
            read = option.Name switch
            {
                "policy" => read with { Policy = PolicyOf(text, option) },
                ByName => read,
                "trigger" => read with { Trigger = TriggerOf(text, option) },
                "slots" => WithSlots(read, Number(text, SpilloverDescriptor.SlotsMax, option)),
                "min_shards" => read with { MinSlots = Number(text, SpilloverDescriptor.SlotsMax, option) },
                "max_shards" => read with { MaxSlots = Number(text, SpilloverDescriptor.SlotsMax, option) },
                "n" => read with { SlotsOfRow = Number(text, SpilloverDescriptor.SlotsMax, option) },
                "split_at" => read with { SplitAt = Rate(text, option) },
                "merge_at" => read with { MergeAt = Rate(text, option) },
                "merge_every" => read with { MergeEvery = MergeEvery(text, option) },
                "max_pending" => read with { MaxPending = Number(text, MaxPendingMax, option) },
                "max_age" => read with { MaxAge = Age(text, option) },
                _ => throw new SqlException(
                    SqlStates.InvalidParameterValue, $"option \"{option.Name}\" is not known", (int)option.Position)
                {
                    Hint = Known,
                },
            };
        }

        return read;
    }

    private static SpilloverPolicy PolicyOf(string text, Option option)
    {
        foreach (SpilloverPolicy policy in Enum.GetValues<SpilloverPolicy>())
        {
            if (SpilloverDescriptor.NameOf(policy) == text)
            {
                return policy;
            }
        }

        throw Bad(text, option, "It is 'sum', 'bounded_sum', 'append', 'last_write' or 'timestamp'.");
    }

    private static SpilloverTrigger TriggerOf(string text, Option option) => text switch
    {
        "always" => SpilloverTrigger.Always,
        "manual" => SpilloverTrigger.Manual,
        "auto" => SpilloverTrigger.Auto,
        _ => throw Bad(
            text, option, "It is 'always', for all rows, 'manual', for those of FOR KEYS, or 'auto', for those and what is hot."),
    };

    private static SpilloverDescriptor WithSlots(SpilloverDescriptor read, int slots) =>
        read with { MinSlots = slots, MaxSlots = slots };

    private static int Number(string text, int most, Option option) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 && number <= most
            ? number
            : throw Bad(text, option, string.Create(CultureInfo.InvariantCulture, $"It is a number from 1 to {most}."));

    private static int Rate(string text, Option option) => Number(
        text.EndsWith(PerSecond, StringComparison.Ordinal) ? text[..^PerSecond.Length] : text, RateMax, option);

    private static TimeSpan MergeEvery(string text, Option option) => Durations.Parse(text) is var time && time >= s_mergeEveryMin
        ? time
        : throw Bad(text, option, "It is a time of 50 ms or more, such as '100ms'.");

    private static TimeSpan Age(string text, Option option) => Durations.Parse(text) is var age && age > TimeSpan.Zero
        ? age
        : throw Bad(text, option, "It is a time such as '500ms' or '2s'.");

    private static SqlException Bad(string text, Option option, string hint) => new(
        SqlStates.InvalidParameterValue, $"invalid value for option \"{option.Name}\": \"{text}\"", (int)option.Position)
    {
        Hint = hint,
    };
}
