using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Catalogs;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Spillover;

/// <summary>What a statement has found and made of a row whose deltas are in order.</summary>
/// <param name="Key">The row's key.</param>
/// <param name="Held">What the columns came to before the statement.</param>
/// <param name="Refused">What the statement sets, where that is older; else null.</param>
/// <param name="Stays">Whether the row is still there under its key.</param>
internal sealed record OrderedRow(SqlValue[] Key, SqlValue[] Held, SqlValue[]? Refused, bool Stays);

/// <summary>
/// Follows a statement that wrote rows themselves whose deltas are in order (sharding.md §4): what they come to is in the rows, so
/// they end, and the conflicts that were settled so are noted, in the same transaction. A row that goes takes its conflicts along.
/// </summary>
/// <param name="table">The table.</param>
/// <param name="rows">The rows.</param>
/// <param name="deltas">The table of their deltas.</param>
/// <param name="planner">Of that table.</param>
/// <param name="then">What else follows the statement; null: nothing.</param>
internal sealed class OrderSettling(
    TableDescriptor table, IReadOnlyList<OrderedRow> rows, DeltaTable deltas, DeltaPlanner planner, IFollowUp? then) : IFollowUp
{
    private int _steps;

    /// <inheritdoc />
    public StatementPlan? Next(IReadOnlyList<SqlValue[]> found)
    {
        switch (_steps++)
        {
            case 0:
                return StatementPlan.OfTasks(StatementKind.Query, planner.Read(rows.Select(static row => row.Key)));
            case 1:
                IReadOnlyList<ShardTask> tasks = Settle(found);
                return tasks.Count > 0 ? StatementPlan.OfTasks(StatementKind.Write, tasks) : then?.Next([]);
            default:
                return then?.Next(found);
        }
    }

    private IReadOnlyList<ShardTask> Settle(IReadOnlyList<SqlValue[]> found)
    {
        ILookup<byte[], SpilledRow> byKey = found.Select(deltas.Read)
            .ToLookup(static row => RowCodec.ToBytes(row.Key), ByteKeyComparer.Instance);
        var written = new List<SqlValue[]>();
        var deleted = new List<SpilledRow>();
        foreach (OrderedRow row in rows)
        {
            SpilledRow[] here = [.. byKey[RowCodec.ToBytes(row.Key)]];
            SpilledRow[] known = [.. here.Where(static spilled => spilled.Slot == DeltaTable.ConflictsSlot)];
            IReadOnlyList<SpilledRow> ended = DeltaOrder.Of(here);
            deleted.AddRange(ended);
            if (!row.Stays)
            {
                deleted.AddRange(known);
                continue;
            }

            List<ConflictNote> notes = [.. DeltaOrder.Settle(table.Spillover!, ended, row.Held)];
            if (row.Refused is { } refused)
            {
                notes.Add(ConflictNote.Of(row.Held, refused));
            }

            long last = known.Length == 0 ? 0 : known.Max(ConflictNote.NumberOf);
            long newest = last + notes.Count;
            deleted.AddRange(known.Where(conflict => ConflictNote.NumberOf(conflict) <= newest - ConflictNote.KeptMax));
            for (int i = int.Max(0, notes.Count - ConflictNote.KeptMax); i < notes.Count; i++)
            {
                written.Add(deltas.Conflict(row.Key, last + i + 1, notes[i].ToBytes()));
            }
        }

        return planner.WriteConflicts(written, deleted);
    }
}
