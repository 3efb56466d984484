using System;
using System.Collections.Generic;
using System.Globalization;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Spillover;

/// <summary>WITH (...) of spillover (sql.md §2).</summary>
internal static class SpilloverOptions
{
    private const int MaxPendingMax = 1_000_000;
    private const string Known =
        "There are policy = 'sum', trigger = 'always' or 'manual', slots = 4, max_pending = 10000, max_age = '1s'.";

    /// <summary>The spillover with the options; 22023 for one that is not known, or a value that is none.</summary>
    public static SpilloverDescriptor Of(SpilloverDescriptor read, IEnumerable<Option> options, Binding constants)
    {
        foreach (Option option in options)
        {
            SqlValue value = constants.Evaluate(option.Value);
            string text = value.IsNull ? string.Empty : value.ToText();
            read = option.Name switch
            {
                "policy" => RequireSum(read, text, option),
                "trigger" => read with { Trigger = TriggerOf(text, option) },
                "slots" => read with { Slots = Number(text, SpilloverDescriptor.SlotsMax, option) },
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

    private static SpilloverDescriptor RequireSum(SpilloverDescriptor read, string text, Option option) => text switch
    {
        "sum" => read,
        "bounded_sum" or "append" or "last_write" or "timestamp" => throw new SqlException(
            SqlStates.FeatureNotSupported, $"spillover policy '{text}' is not supported", (int)option.Position)
        {
            Hint = "policy = 'sum' adds up what UPDATEs of the form c = c + expr add.",
        },
        _ => throw Bad(text, option, "It is 'sum'."),
    };

    private static SpilloverTrigger TriggerOf(string text, Option option) => text switch
    {
        "always" => SpilloverTrigger.Always,
        "manual" => SpilloverTrigger.Manual,
        _ => throw Bad(text, option, "It is 'always', for all rows, or 'manual', for those of FOR KEYS."),
    };

    private static int Number(string text, int most, Option option) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 && number <= most
            ? number
            : throw Bad(text, option, string.Create(CultureInfo.InvariantCulture, $"It is a number from 1 to {most}."));

    private static TimeSpan Age(string text, Option option) => Durations.Parse(text) is var age && age > TimeSpan.Zero
        ? age
        : throw Bad(text, option, "It is a time such as '500ms' or '2s'.");

    private static SqlException Bad(string text, Option option, string hint) => new(
        SqlStates.InvalidParameterValue, $"invalid value for option \"{option.Name}\": \"{text}\"", (int)option.Position)
    {
        Hint = hint,
    };
}
