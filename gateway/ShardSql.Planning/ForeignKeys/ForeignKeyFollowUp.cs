using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Relations;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.ForeignKeys;

/// <summary>
/// What foreign keys ask of a statement once its rows are written: first CASCADE, SET NULL and SET DEFAULT, which write
/// further rows and may lead on to others; then, when nothing moves any more, every key that rows refer to must be there
/// and nothing may refer to a key that is gone. All of it is read in the transaction, so that who takes a parent away at
/// the same time, or adds a child, conflicts with it.
/// </summary>
internal sealed class ForeignKeyFollowUp : IFollowUp
{
    private readonly IReadOnlyList<RowChange> _changes;
    private readonly PlanningContext _context;
    private readonly IEnumerator<StatementPlan> _steps;
    private readonly PendingChecks _checks;
    private IReadOnlyList<SqlValue[]> _found = [];
    private int _written;

    public ForeignKeyFollowUp(IReadOnlyList<RowChange> changes, PlanningContext context)
    {
        _changes = changes;
        _context = context;
        _checks = new PendingChecks(context);
        _steps = Steps().GetEnumerator();
    }

    /// <inheritdoc />
    public StatementPlan? Next(IReadOnlyList<SqlValue[]> found)
    {
        _found = found;
        return _steps.MoveNext() ? _steps.Current : null;
    }

    private IEnumerable<StatementPlan> Steps()
    {
        IReadOnlyList<RowChange> level = _changes;
        for (int depth = 0; level.Count > 0; depth++)
        {
            RequireBounds(depth);
            var next = new RowChanges(_context);
            foreach (KeyMoves moves in _checks.Take(level))
            {
                var children = new List<SqlValue[]>();
                foreach (StatementPlan reading in moves.Children.Rows(_context))
                {
                    yield return reading;
                    children.AddRange(_found);
                }

                if (children.Count > 0)
                {
                    yield return Write(moves, children, next);
                }
            }

            level = next.All;
        }

        foreach (StatementPlan reading in _checks.Readings())
        {
            yield return reading;
            _checks.Supply(_found);
        }

        foreach (StatementPlan reading in _written > 0 ? _checks.Confirmations() : [])
        {
            yield return reading;
            _checks.Supply(_found);
        }

        _checks.Require();
    }

    private StatementPlan Write(KeyMoves moves, List<SqlValue[]> children, RowChanges next)
    {
        _written += children.Count;
        var writes = new RowWrites(moves.Reference.Child, _context, next);
        foreach (SqlValue[] child in children)
        {
            if (moves.Applied(child, _context) is { } changed)
            {
                writes.Change(child, changed);
            }
            else
            {
                writes.Delete(child);
            }
        }

        IReadOnlyList<ShardTask> tasks = writes.ToTasks();
        return new StatementPlan
        {
            Kind = StatementKind.Write,
            Statement = new Statement(),
            Tag = string.Empty,
            Tasks = tasks,
            RunPlan = new Execution.StatementRunPlan { Sources = tasks.Count },
        };
    }

    private void RequireBounds(int depth)
    {
        if (depth > ForeignKeyLimits.ActionDepthMax)
        {
            throw new SqlException(SqlStates.StatementTooComplex, string.Create(
                CultureInfo.InvariantCulture,
                $"foreign keys lead on to further rows more than {ForeignKeyLimits.ActionDepthMax} times"))
            {
                Hint = "Delete or update the rows that refer first, in several statements.",
            };
        }

        if (_written > ForeignKeyLimits.ActionRowsMax)
        {
            throw new SqlException(SqlStates.ProgramLimitExceeded, string.Create(
                CultureInfo.InvariantCulture,
                $"the actions of foreign keys write {_written} rows, the limit is {ForeignKeyLimits.ActionRowsMax}"))
            {
                Hint = "Delete or update the rows that refer first, in several statements.",
            };
        }
    }
}
