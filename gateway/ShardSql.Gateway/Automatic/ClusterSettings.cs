using System;
using System.Collections.Generic;

using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Automatic;

/// <summary>What ALTER CLUSTER SET says, for all gateways (sql.md §2). Immutable.</summary>
internal sealed record ClusterSettings
{
    public const string AutoReshard = "auto_reshard";

    public const string AutoSplit = "auto_split";

    /// <summary>Whether rows come together that transactions touch together.</summary>
    public AutomaticMode Reshard { get; init; } = AutomaticMode.Off;

    /// <summary>Whether a segment is split that bears more than one shard should.</summary>
    public AutomaticMode Split { get; init; } = AutomaticMode.Off;

    /// <summary>Each setting with its value and what it is about.</summary>
    public IReadOnlyList<(string Name, string Value, string Description)> ToList() =>
    [
        (AutoReshard, TextOf(Reshard), "off, advise or on: what is done where RESHARD ALL BY GRAPH would bring enough"),
        (AutoSplit, TextOf(Split), "off, advise or on: what is done where one segment bears more than a shard should"),
    ];

    /// <summary>The settings that a statement names, as they are stored; 22023 for one that is not known, or a value that is
    /// none.</summary>
    public static IReadOnlyList<(string Name, string Value)> Read(
        IEnumerable<Option> options, Func<Expression, SqlValue> evaluate)
    {
        var read = new List<(string, string)>();
        foreach (Option option in options)
        {
            if (option.Name is not (AutoReshard or AutoSplit))
            {
                throw new SqlException(
                    SqlStates.InvalidParameterValue, $"setting \"{option.Name}\" is not known", (int)option.Position)
                {
                    Hint = $"There are {AutoReshard} and {AutoSplit}: 'off', 'advise' or 'on'.",
                };
            }

            SqlValue value = evaluate(option.Value);
            string text = value.IsNull ? "" : value.ToText().ToLowerInvariant();
            read.Add((option.Name, ModeOf(text) is not null ? text : throw new SqlException(
                SqlStates.InvalidParameterValue, $"\"{text}\" is no value of {option.Name}", (int)option.Position)
            {
                Hint = "It is 'off', 'advise' or 'on'.",
            }));
        }

        return read;
    }

    /// <summary>With a setting as it is stored; one that a newer gateway knows is left out.</summary>
    public ClusterSettings With(string name, string value) => (name, ModeOf(value)) switch
    {
        (AutoReshard, { } mode) => this with { Reshard = mode },
        (AutoSplit, { } mode) => this with { Split = mode },
        _ => this,
    };

    private static AutomaticMode? ModeOf(string text) => text switch
    {
        "off" => AutomaticMode.Off,
        "advise" => AutomaticMode.Advise,
        "on" => AutomaticMode.On,
        _ => null,
    };

    private static string TextOf(AutomaticMode mode) => mode.ToString().ToLowerInvariant();
}
