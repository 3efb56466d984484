using System.Collections.Generic;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Writes;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Spillover;

/// <summary>Lets a row spill from now on: if it is there, its headers are written, in the transaction that has just added to
/// the row itself.</summary>
internal sealed class FirstDelta(
    TableDescriptor table, SqlValue[] key, DeltaPlanner planner, PlanningContext context) : IFollowUp
{
    private int _steps;

    /// <inheritdoc />
    public StatementPlan? Next(IReadOnlyList<SqlValue[]> found)
    {
        switch (_steps++)
        {
            case 0:
                return RowFetch.Plan(table, table.KeyColumns, [key], context);
            case 1 when found.Count > 0:
                return StatementPlan.OfTasks(StatementKind.Write, planner.InsertHeaders([key]));
            default:
                return null;
        }
    }
}
