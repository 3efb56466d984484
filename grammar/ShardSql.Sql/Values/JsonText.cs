using System;
using System.Text.Json;

namespace ShardSql.Sql.Values;

/// <summary>Reads texts that must be one JSON document.</summary>
internal static class JsonText
{
    private const int MaxDepth = 200;

    public static string Check(string text)
    {
        Parse(text).Dispose();
        return text;
    }

    /// <summary>The document; 22P02 where it is none.</summary>
    public static JsonDocument Parse(string text)
    {
        try
        {
            return JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = MaxDepth });
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new SqlException(
                SqlStates.InvalidTextRepresentation, $"invalid input syntax for type json: \"{Excerpt.Of(text)}\"");
        }
    }
}
