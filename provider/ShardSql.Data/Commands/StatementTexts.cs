using System;
using System.Collections.Generic;
using System.Threading;
using ShardSql.Sql;
using ShardSql.Sql.Parsing;

namespace ShardSql.Data.Commands;

/// <summary>
/// Parses each text once. Two generations of texts: when the young one is full it becomes the old one, so what is in
/// use stays and what is not goes, without a list to keep in order.
/// </summary>
internal static class StatementTexts
{
    /// <summary>Texts per generation.</summary>
    public const int MaxTexts = 2048;

    /// <summary>The grammar that trees are of.</summary>
    public const uint GrammarVersion = SqlParser.GrammarVersion;

    private static readonly Lock s_lock = new();
    private static Dictionary<string, ParsedText> s_young = new(StringComparer.Ordinal);
    private static Dictionary<string, ParsedText> s_old = new(StringComparer.Ordinal);

    /// <summary>BEGIN.</summary>
    public static ParsedText Begin { get; } = Parse("BEGIN");

    /// <summary>BEGIN of a transaction that only reads.</summary>
    public static ParsedText BeginSnapshot { get; } = Parse("BEGIN ISOLATION LEVEL SNAPSHOT READ ONLY");

    /// <summary>COMMIT.</summary>
    public static ParsedText Commit { get; } = Parse("COMMIT");

    /// <summary>ROLLBACK.</summary>
    public static ParsedText Rollback { get; } = Parse("ROLLBACK");

    /// <summary>The statements of a text; none where it is only comments.</summary>
    /// <exception cref="ShardSqlException">It is not SQL (42601), or is too large.</exception>
    public static ParsedText Get(string text)
    {
        if (Find(text) is { } known)
        {
            return known;
        }

        ParsedText parsed = Parse(text);
        return text.Length > StatementCache.MaxCachedLength ? parsed : Remember(parsed);
    }

    /// <summary>The statements of a text whose lists are one parameter each; null where it cannot be had so, and the text
    /// as it was given says what is wrong with it.</summary>
    public static ParsedText? Get(FoldedText folded)
    {
        if (Find(folded.Key) is { } known)
        {
            return known;
        }

        try
        {
            return SqlParser.ParseWithLists(folded.Text, folded.Kinds) is { } batch
                ? Remember(new ParsedText(folded.Text, folded.Key, batch.Statements, batch.ParameterNames))
                : null;
        }
        catch (SqlException)
        {
            return null;
        }
    }

    /// <summary>What was parsed before, by its key; null where it was not, or is forgotten.</summary>
    public static ParsedText? Find(string key)
    {
        lock (s_lock)
        {
            return s_young.TryGetValue(key, out ParsedText? known) ? known
                : s_old.TryGetValue(key, out known) ? Keep(known)
                : null;
        }
    }

    private static ParsedText Remember(ParsedText parsed)
    {
        lock (s_lock)
        {
            return Keep(parsed);
        }
    }

    private static ParsedText Keep(ParsedText parsed)
    {
        if (s_young.Count >= MaxTexts)
        {
            (s_young, s_old) = (new(StringComparer.Ordinal), s_young);
        }

        s_young[parsed.Key] = parsed;
        return parsed;
    }

    private static ParsedText Parse(string text)
    {
        try
        {
            ParsedBatch batch = SqlParser.Parse(text);
            return new ParsedText(text, text, batch.Statements, batch.ParameterNames);
        }
        catch (SqlException error)
        {
            throw ErrorFactory.FromParser(error.WithLocation(text));
        }
    }
}
