using System;
using System.Collections.Generic;
using System.Text;
using System.Text.Json;

namespace ShardSql.Planning.Explaining;

/// <summary>EXPLAIN (JSON): the parts of the verdict by name, the hint, and the tree's lines.</summary>
public static class ExplainJson
{
    private const string PartSeparator = "   ";

    /// <summary>One JSON object.</summary>
    /// <param name="lines">The lines of EXPLAIN.</param>
    /// <param name="more">Members that are added: name and JSON.</param>
    public static string Of(IReadOnlyList<string> lines, params IReadOnlyList<(string Name, string Json)> more)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var json = new StringBuilder("{");
        string[] parts = lines.Count == 0 ? [] : lines[0].Split(PartSeparator);
        foreach (string part in parts)
        {
            int colon = part.IndexOf(": ", StringComparison.Ordinal);
            (string name, string value) = colon < 0 ? ("plan", part) : (part[..colon], part[(colon + 2)..]);
            json.Append(Quote(name)).Append(": ").Append(Quote(value)).Append(", ");
        }

        int first = 1;
        if (lines.Count > 1 && lines[1].StartsWith(ExplainText.HintPrefix, StringComparison.Ordinal))
        {
            json.Append("\"hint\": ").Append(Quote(lines[1][ExplainText.HintPrefix.Length..])).Append(", ");
            first = 2;
        }

        json.Append("\"tree\": [");
        for (int i = first; i < lines.Count; i++)
        {
            json.Append(i == first ? string.Empty : ", ").Append(Quote(lines[i]));
        }

        json.Append(']');
        foreach ((string name, string value) in more)
        {
            json.Append(", ").Append(Quote(name)).Append(": ").Append(value);
        }

        return json.Append('}').ToString();
    }

    private static string Quote(string text) =>
        $"\"{JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
