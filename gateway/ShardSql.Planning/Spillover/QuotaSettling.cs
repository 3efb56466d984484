using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Plans;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Spillover;

/// <summary>What a statement has made of a row whose deltas have quotas.</summary>
/// <param name="Key">The row's key.</param>
/// <param name="Change">What it has added to the column, in its smallest unit.</param>
/// <param name="Left">What is above the bound then.</param>
internal sealed record BoundedChange(SqlValue[] Key, Int128 Change, Int128 Left);

/// <summary>
/// Follows a statement that wrote rows with quotas themselves (sharding.md §4): all that is above the bound is in the quotas of
/// the row's slots, so they change with the row, in the same transaction. What they hold is evened out meanwhile.
/// </summary>
/// <param name="rows">The rows.</param>
/// <param name="opens">Whether slots that have none are given quotas.</param>
/// <param name="planner">Of the table of their deltas.</param>
/// <param name="then">What else follows the statement; null: nothing.</param>
internal sealed class QuotaSettling(IReadOnlyList<BoundedChange> rows, bool opens, DeltaPlanner planner, IFollowUp? then) : IFollowUp
{
    // Differences below a part of the even share are left: to even them out costs more than it brings.
    private const int Tolerance = 4;

    private int _steps;

    /// <inheritdoc />
    public StatementPlan? Next(IReadOnlyList<SqlValue[]> found)
    {
        switch (_steps++)
        {
            case 0:
                return StatementPlan.OfTasks(StatementKind.Query, planner.ReadQuotas([.. rows.Select(static row => row.Key)]));
            case 1:
                Dictionary<long, SqlValue[]> byNumber = found.ToDictionary(static row => row[0].AsInt64());
                List<QuotaWrite> writes = [.. rows.SelectMany((row, place) => Settle(row, planner.QuotasOf(place, row.Key, byNumber)))];
                return writes.Count > 0 ? StatementPlan.OfTasks(StatementKind.Write, planner.Write(writes)) : then?.Next([]);
            default:
                return then?.Next(found);
        }
    }

    private IEnumerable<QuotaWrite> Settle(BoundedChange row, IReadOnlyList<SlotQuota> slots)
    {
        SlotQuota[] open = [.. slots.Where(static slot => slot.Free is not null)];
        SlotQuota[] closed = opens ? [.. slots.Where(static slot => slot.Free is null)] : [];
        if (open.Length == 0)
        {
            return closed.Select((slot, i) => new QuotaWrite(row.Key, slot.Slot, ShareOf(row.Left, closed.Length, i), Begins: true));
        }

        Int128 sum = row.Change;
        foreach (SlotQuota slot in open)
        {
            sum += slot.Free!.Value;
        }

        if (sum < 0)
        {
            throw new SqlException(SqlStates.NoQuota, "the slots of the row have not so much");
        }

        Int128 even = sum / open.Length;
        bool isEven = row.Change == 0 && open.All(slot => Int128.Abs(slot.Free!.Value - even) <= even / Tolerance);
        return closed.Select(slot => new QuotaWrite(row.Key, slot.Slot, 0, Begins: true)).Concat(isEven
            ? []
            : open.Select((slot, i) => new QuotaWrite(row.Key, slot.Slot, ShareOf(sum, open.Length, i) - slot.Free!.Value, Begins: false))
                .Where(static write => write.Amount != 0));
    }

    private static Int128 ShareOf(Int128 sum, int parts, int part) => (sum / parts) + (part < (int)(sum % parts) ? 1 : 0);
}
