using System;
using System.Text.Json;

namespace ShardSql.Sql.Values;

/// <summary>Checks that a text is one JSON document.</summary>
internal static class JsonText
{
    private const int MaxDepth = 200;

    public static string Check(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return text;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new SqlException(
                SqlStates.InvalidTextRepresentation, $"invalid input syntax for type json: \"{Excerpt.Of(text)}\"");
        }
    }
}
