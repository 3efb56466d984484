using System.Collections.Generic;

using ShardSql.Execution.Plans;
using ShardSql.Primitives;

namespace ShardSql.Execution;

/// <summary>
/// Which entries of an index a fragment means: those of rows in its segments. Beside them lie entries of segments that
/// have left the shard, or are about to come (sharding.md §2).
/// </summary>
internal sealed class EntryHomes
{
    private readonly List<KeyRange> _suffixes = [];

    private EntryHomes(IEnumerable<AccessRange> homes)
    {
        foreach (AccessRange home in homes)
        {
            _suffixes.Add(new KeyRange(home.Start.ToByteArray(), home.OpenEnd ? null : home.End.ToByteArray()));
        }
    }

    /// <summary>Of an access path; null: all entries are meant.</summary>
    public static EntryHomes? Of(AccessPath path) =>
        path.Entries is { Homes.Count: > 0 } entries ? new EntryHomes(entries.Homes) : null;

    /// <summary>Whether the entry of this value is meant.</summary>
    public bool Hold(byte[] entry)
    {
        byte[] suffix = IndexEntry.SuffixOf(entry, "");
        foreach (KeyRange range in _suffixes)
        {
            if (range.Contains(suffix))
            {
                return true;
            }
        }

        return false;
    }
}
