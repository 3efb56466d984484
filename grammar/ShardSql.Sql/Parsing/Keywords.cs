using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using ShardSql.Sql.Generated;

namespace ShardSql.Sql.Parsing;

/// <summary>The keywords of the grammar, and which of them are never names unless quoted.</summary>
public static class Keywords
{
    private static readonly FrozenSet<string> s_reserved = Collect(ShardSqlLexer.ALL, ShardSqlLexer.WITH);
    private static readonly FrozenSet<string> s_free = Collect(ShardSqlLexer.ABORT, ShardSqlLexer.TRAILING);

    /// <summary>Words that cannot be a name unless quoted, in upper case.</summary>
    public static IReadOnlyCollection<string> Reserved => s_reserved;

    /// <summary>Keywords that can also be names, in upper case.</summary>
    public static IReadOnlyCollection<string> Free => s_free;

    /// <summary>Whether a word cannot be a name unless quoted.</summary>
    public static bool IsReserved(string word) => s_reserved.Contains(word);

    /// <summary>Whether a word is a keyword that can also be a name.</summary>
    internal static bool IsFree(string word) => s_free.Contains(word);

    private static FrozenSet<string> Collect(int first, int last)
    {
        List<string> words = [];
        for (int type = first; type <= last; type++)
        {
            words.Add(ShardSqlLexer.DefaultVocabulary.GetLiteralName(type).Trim('\''));
        }

        return words.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }
}
