using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Spillover;

/// <summary>What a statement that writes exact rows does to what has spilled from them: what that came to is in the rows now.
/// </summary>
internal sealed class SpilledWrites(TableDescriptor table, PlanningContext context)
{
    private readonly List<(SqlValue[] Key, bool WithHeader)> _merged = [];
    private readonly List<BoundedChange> _bounded = [];
    private readonly List<OrderedRow> _ordered = [];
    private readonly List<SqlValue[]> _opened = [];
    private readonly List<SqlValue[]> _closed = [];

    /// <summary>Whether the rows take deltas from now on.</summary>
    public bool Opens { get; init; }

    /// <summary>Whether what is older than a row is not written.</summary>
    public bool KeepsNewer { get; init; }

    private SpilloverDescriptor Spillover => table.Spillover!;

    /// <summary>Adds a row. One with little room takes no deltas from now on.</summary>
    /// <param name="old">As it was, exactly.</param>
    /// <param name="row">As it is to be, and behind that whether it has spilled: NULL, if it has not. What is not to be written is
    /// taken back there.</param>
    /// <param name="key">Its key before.</param>
    /// <param name="stays">Whether it is still there under that key.</param>
    public void Add(SqlValue[] old, SqlValue[] row, SqlValue[] key, bool stays)
    {
        bool hasSpilled = !row[^1].IsNull;
        if (stays)
        {
            ColumnRoom.Require(table, row);
        }

        bool isFull = stays && ColumnRoom.IsLittle(table, row);
        if (isFull && hasSpilled)
        {
            _closed.Add(key);
        }

        if (Spillover.IsInOrder)
        {
            AddOrdered(old, row, key, stays, hasSpilled, opens: Opens && stays && !isFull);
        }
        else if (hasSpilled)
        {
            _merged.Add((key, !stays));
        }

        if (stays && !isFull && (Opens || hasSpilled) && BoundedChangeOf(key, old, row) is { } change)
        {
            _bounded.Add(change);
        }
    }

    /// <summary>What is written with the rows.</summary>
    public IReadOnlyList<ShardTask> ToTasks() => _merged.Count + _opened.Count + _closed.Count == 0 ? [] : TaskMerger.Merge(
        _merged.Count == 0 ? [] : Planner().Delete(_merged),
        TaskMerger.Merge(
            _closed.Count == 0 ? [] : Planner().DeleteHeaders(_closed),
            _opened.Count == 0 ? [] : Planner().InsertHeaders(_opened)));

    /// <summary>What follows.</summary>
    public IFollowUp? FollowUp(IFollowUp? then)
    {
        if (_bounded.Count > 0)
        {
            return new QuotaSettling(_bounded, Opens, Planner(), then);
        }

        return _ordered.Count > 0
            ? new OrderSettling(table, _ordered, new DeltaTable(table, context.Catalog), Planner(), then)
            : then;
    }

    private void AddOrdered(SqlValue[] old, SqlValue[] row, SqlValue[] key, bool stays, bool hasSpilled, bool opens)
    {
        SqlValue[] held = ValuesOf(old);
        SqlValue[] given = ValuesOf(row);
        bool isRefused = stays && KeepsNewer && !given[^1].IsNull && DeltaOrder.IsOlder(given, held);
        if (isRefused)
        {
            foreach (uint column in Spillover.Columns)
            {
                int ordinal = table.OrdinalOf(column);
                row[ordinal] = old[ordinal];
            }
        }

        if (hasSpilled && !stays)
        {
            _merged.Add((key, true));
        }

        if (hasSpilled || isRefused || !stays)
        {
            _ordered.Add(new OrderedRow(key, held, isRefused ? given : null, stays));
        }

        if (opens)
        {
            _opened.Add(key);
        }
    }

    private BoundedChange? BoundedChangeOf(SqlValue[] key, SqlValue[] old, SqlValue[] row)
    {
        if (Spillover is not { Policy: SpilloverPolicy.BoundedSum, IsEnding: false })
        {
            return null;
        }

        int ordinal = table.OrdinalOf(Spillover.Columns[0]);
        SqlType type = table.Columns[ordinal].Type;
        System.Int128 after = QuotaUnits.Of(row[ordinal], type);
        return new BoundedChange(key, after - QuotaUnits.Of(old[ordinal], type), after - Spillover.Bound);
    }

    private SqlValue[] ValuesOf(SqlValue[] row) => [.. Spillover.Columns.Select(column => row[table.OrdinalOf(column)])];

    private DeltaPlanner Planner() => new(new DeltaTable(table, context.Catalog), context);
}
