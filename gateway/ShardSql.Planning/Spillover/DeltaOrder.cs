using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Spillover;

/// <summary>The order of deltas where it matters, and the conflicts that it settles (sharding.md §4): by rank, then by commit stamp;
/// those of one transaction as their statements were.</summary>
internal static class DeltaOrder
{
    /// <summary>The deltas in order; what is no delta is left out.</summary>
    public static IReadOnlyList<SpilledRow> Of(IEnumerable<SpilledRow> rows) =>
    [
        .. rows.Where(static row => row.Slot >= 0 && !row.IsHeader)
            .OrderBy(static row => row.Rank, ByteKeyComparer.Instance)
            .ThenBy(static row => row.Stamp, ByteKeyComparer.Instance)
            .ThenBy(static row => row.Id, ByteKeyComparer.Instance),
    ];

    /// <summary>Whether values are older than what is there, by the column that policy timestamp decides by.</summary>
    public static bool IsOlder(SqlValue[] values, SqlValue[] there) => SqlValue.Compare(values[^1], there[^1]) < 0;

    /// <summary>What became of deltas that were brought home, in order: each was in conflict with another one, or lost against the
    /// row itself.</summary>
    /// <param name="spillover">How the table spills over.</param>
    /// <param name="deltas">In order.</param>
    /// <param name="held">What the columns come to.</param>
    public static IEnumerable<ConflictNote> Settle(
        SpilloverDescriptor spillover, IReadOnlyList<SpilledRow> deltas, SqlValue[] held)
    {
        if (spillover.Policy == SpilloverPolicy.Append)
        {
            return deltas.Zip(deltas.Skip(1), static (first, second) => ConflictNote.Of(first.Values, second.Values));
        }

        bool isOfRow = deltas.Count > 0 && spillover.By is not null && IsOlder(deltas[^1].Values, held);
        return deltas.Take(isOfRow ? deltas.Count : deltas.Count - 1).Select(lost => ConflictNote.Of(held, lost.Values));
    }
}
