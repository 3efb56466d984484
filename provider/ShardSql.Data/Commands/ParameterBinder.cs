using System;
using System.Collections.Generic;
using System.Globalization;
using Google.Protobuf;
using ShardSql.Data.Types;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Data.Commands;

/// <summary>
/// The values that texts refer to, from the parameters of their commands. What no text names is left out.
/// </summary>
internal static class ParameterBinder
{
    /// <summary>Parameters of one request; 54000.</summary>
    public const int MaxParameters = 16_384;

    /// <summary>The parameters of one command.</summary>
    /// <param name="text">The text.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="folded">Lists that are one parameter each; null: there are none.</param>
    public static List<Parameter> Bind(ParsedText text, ShardSqlParameterCollection parameters, FoldedText? folded)
    {
        RequireNames(parameters);
        if (text.ParameterNames.Count > MaxParameters)
        {
            throw new ShardSqlException(
                SqlStates.ProgramLimitExceeded,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the command has {text.ParameterNames.Count} parameters, the limit is {MaxParameters}"));
        }

        var bound = new List<Parameter>(text.ParameterNames.Count);
        Dictionary<string, ShardSqlParameter>? byName = IndexIfLarge(text, parameters);
        foreach (string name in text.ParameterNames)
        {
            ByteString value = folded is not null && folded.Values.TryGetValue(name, out ByteString? list)
                ? list
                : Encode(Find(name, parameters, byName));
            bound.Add(new Parameter { Name = name, Value = value });
        }

        return bound;
    }

    /// <summary>
    /// Adds a batch command's text and parameters to those of the commands before it, renamed where a name has another
    /// value there.
    /// </summary>
    public static void Add(
        ParsedText text, List<Parameter> own, int place, List<ParsedText> texts, Dictionary<string, Parameter> all)
    {
        bool clash = own.Exists(
            parameter => all.TryGetValue(parameter.Name, out Parameter? other) && other.Value != parameter.Value);
        string suffix = clash ? string.Create(CultureInfo.InvariantCulture, $"#{place}") : "";
        foreach (Parameter parameter in own)
        {
            parameter.Name += suffix;
            all[parameter.Name] = parameter;
        }

        texts.Add(clash ? ParameterRenamer.Rename(text, suffix) : text);
    }

    private static ByteString Encode(ShardSqlParameter parameter)
    {
        try
        {
            return UnsafeByteOperations.UnsafeWrap(ValueCodec.ToBytes(ParameterEncoder.Encode(parameter)));
        }
        catch (SqlException error)
        {
            throw ErrorFactory.FromParser(error);
        }
    }

    private static void RequireNames(ShardSqlParameterCollection parameters)
    {
        for (int i = 0; i < parameters.Count; i++)
        {
            if (parameters[i].BareName.Length == 0)
            {
                throw new InvalidOperationException(
                    string.Create(
                        CultureInfo.InvariantCulture, $"Parameter {i} has no name; parameters are named, as in @id."));
            }
        }
    }

    /// <summary>A long list would be searched as often as it is long.</summary>
    private static Dictionary<string, ShardSqlParameter>? IndexIfLarge(
        ParsedText text, ShardSqlParameterCollection parameters)
    {
        const int Large = 16;
        if (text.ParameterNames.Count < Large)
        {
            return null;
        }

        var byName = new Dictionary<string, ShardSqlParameter>(parameters.Count, StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < parameters.Count; i++)
        {
            byName.TryAdd(parameters[i].BareName, parameters[i]);
        }

        return byName;
    }

    private static ShardSqlParameter Find(
        string name, ShardSqlParameterCollection parameters, Dictionary<string, ShardSqlParameter>? byName)
    {
        if (byName is not null)
        {
            return byName.TryGetValue(name, out ShardSqlParameter? found) ? found : throw Missing(name);
        }

        int index = parameters.IndexOf(name);
        return index >= 0 ? parameters[index] : throw Missing(name);
    }

    private static ShardSqlException Missing(string name) =>
        new(SqlStates.UndefinedParameter, $"parameter @{name} not supplied");
}
