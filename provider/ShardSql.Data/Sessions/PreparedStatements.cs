using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Protocol;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;

namespace ShardSql.Data.Sessions;

/// <summary>
/// Which texts the server of one session holds under which numbers. A number is given on first use and only counts as
/// held after a request that carried its tree has ended well; until then the tree goes along again.
/// </summary>
internal sealed class PreparedStatements
{
    /// <summary>
    /// Longer texts travel whole each time: loads come as few, long statements that are never the same.
    /// </summary>
    public const int MaxTextLength = StatementCache.MaxCachedLength;

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private long _bytes;
    private uint _last;

    /// <summary>The entry of a text; null when it travels whole: it is too long, or the session holds as much as the
    /// server keeps for it, which is for ever.</summary>
    public Entry? GetOrAdd(string text, IReadOnlyList<Statement> statements)
    {
        if (_entries.TryGetValue(text, out Entry? entry))
        {
            return entry;
        }

        if (text.Length > MaxTextLength || _last + statements.Count > GrpcLimits.MaxPrepared)
        {
            return null;
        }

        long bytes = statements.Sum(static statement => (long)statement.CalculateSize());
        if (_bytes + bytes > GrpcLimits.MaxPreparedBytes)
        {
            return null;
        }

        entry = new Entry(_last + 1);
        _last += (uint)statements.Count;
        _bytes += bytes;
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
