using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;

namespace ShardSql.Sql.Expressions;

/// <summary>
/// A path into a JSON text: <c>$</c>, then members (<c>.name</c>, <c>."name"</c>) and elements (<c>[n]</c>, from 0), as
/// SQL:2016 has them without filters, wildcards and methods.
/// </summary>
internal static class JsonPath
{
    /// <summary>Steps of one path.</summary>
    private const int StepsMax = 100;

    /// <summary>What the path leads to; null: nothing.</summary>
    /// <exception cref="SqlException">42601: it is no path; 54001: it is too long.</exception>
    public static JsonElement? Find(JsonElement root, string path)
    {
        JsonElement? found = root;
        foreach (object step in Steps(path))
        {
            found = (found, step) switch
            {
                ({ ValueKind: JsonValueKind.Object } value, string name) =>
                    value.TryGetProperty(name, out JsonElement member) ? member : null,
                ({ ValueKind: JsonValueKind.Array } value, int index) =>
                    index < value.GetArrayLength() ? value[index] : null,

                // A value stands for the array of itself, as in lax mode.
                ({ } value, 0) => value,
                _ => null,
            };
        }

        return found;
    }

    private static List<object> Steps(string path)
    {
        var steps = new List<object>();
        ReadOnlySpan<char> rest = path.AsSpan().Trim();
        bool isPath = rest.StartsWith("$", StringComparison.Ordinal);
        rest = isPath ? rest[1..] : rest;
        while (isPath && rest.Length > 0)
        {
            isPath = rest[0] switch
            {
                '.' when rest.Length > 1 && rest[1] == '"' => TakeQuoted(ref rest, steps),
                '.' => TakeName(ref rest, steps),
                '[' => TakeIndex(ref rest, steps),
                _ => false,
            };
            if (steps.Count > StepsMax)
            {
                throw new SqlException(SqlStates.StatementTooComplex, $"steps of a JSON path exceed {StepsMax}");
            }
        }

        return isPath ? steps : throw new SqlException(
            SqlStates.SyntaxError, $"\"{Values.Excerpt.Of(path)}\" is no JSON path")
        {
            Hint = "Paths are of the form $.name.\"other name\"[0].",
        };
    }

    private static bool TakeQuoted(ref ReadOnlySpan<char> rest, List<object> steps)
    {
        int end = rest[2..].IndexOf('"');
        if (end < 0)
        {
            return false;
        }

        steps.Add(rest.Slice(2, end).ToString());
        rest = rest[(end + 3)..];
        return true;
    }

    private static bool TakeName(ref ReadOnlySpan<char> rest, List<object> steps)
    {
        int end = 1;
        while (end < rest.Length && (char.IsLetterOrDigit(rest[end]) || rest[end] == '_'))
        {
            end++;
        }

        steps.Add(rest[1..end].ToString());
        bool isName = end > 1 && !char.IsDigit(rest[1]);
        rest = rest[end..];
        return isName;
    }

    private static bool TakeIndex(ref ReadOnlySpan<char> rest, List<object> steps)
    {
        int end = rest.IndexOf(']');
        if (end < 0 || !int.TryParse(rest[1..end], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int index))
        {
            return false;
        }

        steps.Add(index);
        rest = rest[(end + 1)..];
        return true;
    }
}
