using System;

namespace ShardSql.Sql.Values;

/// <summary>Cuts what an error message quotes, so that a value of a megabyte makes no message of a megabyte.</summary>
internal static class Excerpt
{
    private const int MaxLength = 64;

    public static string Of(ReadOnlySpan<char> text) =>
        text.Length <= MaxLength ? text.ToString() : string.Concat(text[..MaxLength], "...");
}
