using System;
using System.Collections.Generic;
using System.Globalization;

using ShardSql.Planning;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Moves;

/// <summary>WITH (...) of the statements that move rows (sql.md §2).</summary>
internal sealed record MoveOptions
{
    /// <summary>How long writes may wait for the switch.</summary>
    public TimeSpan MaxWritePause { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Whether a longer pause ends the job; else it goes on catching up.</summary>
    public bool AbortsOnPause { get; init; }

    /// <summary>Bytes to copy in a second; 0: most of the time is left to statements.</summary>
    public long Throttle { get; init; }

    /// <summary>How long the statement waits for its job; null: to its end.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>Whether what was copied is compared with what it was copied from, before writes pause.</summary>
    public bool Verifies { get; init; } = true;

    /// <summary>Moves at most.</summary>
    public int MaxMoves { get; init; } = int.MaxValue;

    /// <summary>RESHARD: thousandths of what is bad now that must be saved.</summary>
    public int MinGainPerMille { get; init; }

    /// <summary>RESHARD: the most that a shard may bear, in thousandths of its share.</summary>
    public int BalancePerMille { get; init; } = 1_200;

    /// <summary>Reads the options; 22023 for one that is not known, or a value that is none.</summary>
    /// <param name="options">The options.</param>
    /// <param name="evaluate">Gives the value of an expression.</param>
    /// <param name="unless">What holds where nothing else is said.</param>
    public static MoveOptions Of(
        IEnumerable<Option> options, Func<Expression, SqlValue> evaluate, MoveOptions? unless = null)
    {
        MoveOptions read = unless ?? new MoveOptions();
        foreach (Option option in options)
        {
            SqlValue value = evaluate(option.Value);
            string text = value.IsNull ? "" : value.ToText();
            read = option.Name switch
            {
                "max_write_pause" => read with { MaxWritePause = Durations.Parse(text) },
                "on_pause_exceeded" => read with { AbortsOnPause = IsAbort(text, option) },
                "throttle" => read with { Throttle = Rate(text, option) },
                "wait" => read with { Wait = Durations.Parse(text) },
                "max_moves" => read with { MaxMoves = Count(text, option) },
                "min_gain" => read with { MinGainPerMille = Percent(text, option) },
                "balance" => read with { BalancePerMille = Ratio(text, option) },
                "verify" => read with { Verifies = IsTrue(text, option) },
                _ => throw new SqlException(
                    SqlStates.InvalidParameterValue, $"option \"{option.Name}\" is not known", (int)option.Position)
                {
                    Hint = "There are max_write_pause = '250ms', on_pause_exceeded = 'retry' or 'abort', throttle = '20MB/s', "
                        + "verify = true, max_moves = 50, wait = '30s', and for RESHARD min_gain = '10%', balance = '1.2'.",
                },
            };
        }

        return read;
    }

    /// <summary>Options of what builds an index, which its statement waits for, or writes a table anew, which is done beside
    /// statements; 22023 for one that neither has.</summary>
    public static MoveOptions OfBuild(
        IEnumerable<Option> options, Func<Expression, SqlValue> evaluate, bool isRewrite, MoveOptions? unless = null)
    {
        Option[] wanted = [.. options];
        if (isRewrite)
        {
            RequireKnown(
                wanted, ["wait", "throttle", "verify"],
                "What writes a table anew takes WITH (throttle = '20MB/s', verify = true, wait = '30s').");
        }
        else
        {
            RequireKnown(
                wanted, ["wait", "throttle"], "What builds an index takes WITH (throttle = '20MB/s', wait = '30s').");
        }

        return Of(
            wanted, evaluate, unless ?? new MoveOptions { Throttle = isRewrite ? 0 : Durations.UnlimitedRate });
    }

    /// <summary>Options of a statement that takes only some of them; 22023 for any other.</summary>
    public static void RequireKnown(IEnumerable<Option> options, string[] known, string hint)
    {
        foreach (Option option in options)
        {
            if (Array.IndexOf(known, option.Name) < 0)
            {
                throw new SqlException(
                    SqlStates.InvalidParameterValue, $"option \"{option.Name}\" is not known", (int)option.Position)
                {
                    Hint = hint,
                };
            }
        }
    }

    private static bool IsAbort(string text, Option option) => text switch
    {
        "abort" => true,
        "retry" => false,
        _ => throw Bad(text, option, "It is 'retry' or 'abort'."),
    };

    private static bool IsTrue(string text, Option option) => text switch
    {
        "true" => true,
        "false" => false,
        _ => throw Bad(text, option, "It is true or false."),
    };

    private static int Percent(string text, Option option) =>
        text.EndsWith('%') && TryDecimal(text[..^1], out decimal percent) && percent is >= 0 and <= 100
            ? (int)(percent * 10)
            : throw Bad(text, option, "Write a share of 0 to 100 in percent: '10%'.");

    private static int Ratio(string text, Option option) =>
        TryDecimal(text, out decimal ratio) && ratio is >= 1 and <= 10
            ? (int)(ratio * 1_000)
            : throw Bad(text, option, "Write how much more than the average a shard may bear, from 1 to 10: '1.2'.");

    private static bool TryDecimal(string text, out decimal value) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value);

    private static int Count(string text, Option option) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0
            ? count
            : throw Bad(text, option, "Write a number from 1.");

    private static long Rate(string text, Option option) => Durations.TryParseRate(text)
        ?? throw Bad(text, option, "Write bytes in a second: '20MB/s', 'auto' or 'unlimited'.");

    private static SqlException Bad(string text, Option option, string hint) =>
        new(SqlStates.InvalidParameterValue, $"\"{text}\" is no value of {option.Name}", (int)option.Position) { Hint = hint };
}
