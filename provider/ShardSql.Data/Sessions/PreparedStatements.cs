using System;
using System.Collections.Generic;
using ShardSql.Sql.Parsing;

namespace ShardSql.Data.Sessions;

/// <summary>
/// Which texts the server of one session holds under which numbers. A number is given on first use and only counts as
/// held after a request that carried its tree has ended well; until then the tree goes along again.
/// </summary>
internal sealed class PreparedStatements
{
    /// <summary>Texts per session. Later ones travel as trees each time: the server keeps numbers for ever.</summary>
    public const int MaxTexts = 1024;

    /// <summary>
    /// Longer texts travel whole each time: loads come as few, long statements that are never the same.
    /// </summary>
    public const int MaxTextLength = StatementCache.MaxCachedLength;

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private uint _last;

    /// <summary>The entry of a text; null when it is too long or the session holds too many already.</summary>
    public Entry? GetOrAdd(string text, int statements)
    {
        if (_entries.TryGetValue(text, out Entry? entry))
        {
            return entry;
        }

        if (_entries.Count == MaxTexts || text.Length > MaxTextLength)
        {
            return null;
        }

        entry = new Entry(_last + 1);
        _last += (uint)statements;
        _entries.Add(text, entry);
        return entry;
    }

    /// <summary>The numbers of one text: its first statement has <see cref="First"/>, the next the next.</summary>
    public sealed class Entry(uint first)
    {
        /// <summary>Number of the first statement.</summary>
        public uint First { get; } = first;

        /// <summary>Whether the server surely holds them.</summary>
        public bool IsHeld { get; set; }
    }
}
