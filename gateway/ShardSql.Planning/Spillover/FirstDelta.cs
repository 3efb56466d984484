using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Writes;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Spillover;

/// <summary>Lets a row spill from now on: if it is there, its headers are written, in the transaction that has just added to
/// the row itself. A row that has none may have deltas, which did not fit into it: with them it must.</summary>
internal sealed class FirstDelta(
    TableDescriptor table, SqlValue[] key, DeltaTable deltas, DeltaPlanner planner, PlanningContext context) : IFollowUp
{
    private SqlValue[][] _rows = [];
    private int _steps;
    private bool _isDone;

    /// <inheritdoc />
    public StatementPlan? Next(IReadOnlyList<SqlValue[]> found)
    {
        switch (_isDone ? int.MaxValue : _steps++)
        {
            case 0:
                return RowFetch.Plan(table, table.KeyColumns, [key], context);
            case 1 when found.Count > 0:
                _rows = [.. found];
                return StatementPlan.OfTasks(StatementKind.Query, planner.ReadHeaders(key));
            case 2 when found.Count == 0:
                return StatementPlan.OfTasks(StatementKind.Query, planner.Read([key]));
            case 2:
                return Open();
            case 3:
                Add([.. found.Select(deltas.Read)]);
                return Open();
            default:
                return null;
        }
    }

    private void Add(IReadOnlyList<SpilledRow> left)
    {
        for (int place = 0; left.Count > 0 && place < deltas.Spillover.Columns.Count; place++)
        {
            int ordinal = table.OrdinalOf(deltas.Spillover.Columns[place]);
            foreach (SqlValue[] row in _rows)
            {
                row[ordinal] = ColumnRoom.Require(table, table.Columns[ordinal], left.Aggregate(
                    ColumnRoom.NumberOf(row[ordinal]), (sum, delta) => sum + ColumnRoom.NumberOf(delta.Values[place])));
            }
        }
    }

    private StatementPlan? Open()
    {
        _isDone = true;
        return _rows.Any(row => ColumnRoom.IsLittle(table, row))
            ? null
            : StatementPlan.OfTasks(StatementKind.Write, planner.InsertHeaders([key]));
    }
}
