using System.Collections.Generic;
using System.Text;
using System.Text.Json;

namespace ShardSql.Planning.Explaining;

/// <summary>EXPLAIN (JSON): the parts of the verdict by name, and the tree's lines.</summary>
internal static class ExplainJson
{
    private const string PartSeparator = "   ";

    /// <summary>One JSON object.</summary>
    public static string Of(IReadOnlyList<string> lines)
    {
        var json = new StringBuilder("{");
        string[] parts = lines.Count == 0 ? [] : lines[0].Split(PartSeparator);
        foreach (string part in parts)
        {
            int colon = part.IndexOf(": ", System.StringComparison.Ordinal);
            (string name, string value) = colon < 0 ? ("plan", part) : (part[..colon], part[(colon + 2)..]);
            json.Append(Quote(name)).Append(": ").Append(Quote(value)).Append(", ");
        }

        json.Append("\"tree\": [");
        for (int i = 1; i < lines.Count; i++)
        {
            json.Append(i == 1 ? string.Empty : ", ").Append(Quote(lines[i]));
        }

        return json.Append("]}").ToString();
    }

    private static string Quote(string text) =>
        $"\"{JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
