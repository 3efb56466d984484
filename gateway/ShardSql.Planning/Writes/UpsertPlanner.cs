using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Planning.ForeignKeys;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Relations;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Writes;

/// <summary>
/// INSERT ... ON CONFLICT where one shard cannot tell what is there: the conflict is about a unique index, or entries
/// on other shards depend on what becomes of the row. The rows that may be in the way are read first, by each unique key
/// in turn; then the rows are decided on in order and written by their keys, in the same transaction.
/// </summary>
internal sealed class UpsertPlanner
{
    private readonly InsertPlanner _insert;
    private readonly BoundConflict _conflict;
    private readonly IReadOnlyList<SqlValue[]> _proposed;
    private readonly PlanningContext _context;
    private readonly Binding _binding;
    private readonly List<SortedDictionary<byte[], SqlValue[]>> _found = [];
    private List<SortedDictionary<byte[], SqlValue[]>> _present = [];

    public UpsertPlanner(
        InsertPlanner insert, BoundConflict conflict, IReadOnlyList<SqlValue[]> proposed, PlanningContext context, Binding binding)
    {
        _insert = insert;
        _conflict = conflict;
        _proposed = proposed;
        _context = context;
        _binding = binding;
    }

    /// <summary>The plan, which goes on from one unique key to the next.</summary>
    public StatementPlan Plan() => Read(0);

    private StatementPlan Read(int arbiter)
    {
        if (arbiter == _insert.Arbiters.Count)
        {
            return Write();
        }

        IReadOnlyList<int> columns = _insert.Arbiters[arbiter];
        var present = new SortedDictionary<byte[], SqlValue[]>(ByteKeyComparer.Instance);
        _found.RemoveRange(arbiter, _found.Count - arbiter);
        _found.Add(present);
        var wanted = new SortedDictionary<byte[], SqlValue[]>(ByteKeyComparer.Instance);
        foreach (SqlValue[] row in _proposed)
        {
            if (KeyOf(row, columns) is { } key)
            {
                wanted[key] = [.. columns.Select(c => row[c])];
            }
        }

        if (wanted.Count == 0 || _insert.Table.Columns[columns[0]].Hidden)
        {
            return Read(arbiter + 1);
        }

        StatementPlan fetch = RowFetch.Plan(_insert.Table, columns, [.. wanted.Values], _context);
        return Step(fetch, rows =>
        {
            foreach (SqlValue[] row in rows)
            {
                present[KeyOf(row, columns)!] = row;
            }

            return Read(arbiter + 1);
        });
    }

    /// <summary>The reading, whose rows go on; look-ups have a step in between.</summary>
    private StatementPlan Step(StatementPlan fetch, Func<IReadOnlyList<SqlValue[]>, StatementPlan> then)
    {
        Func<IReadOnlyList<SqlValue[]>, StatementPlan>? between = fetch.Then;
        return fetch with
        {
            Kind = StatementKind.Write,
            Statement = _insert.Statement,
            Tag = "INSERT",
            Columns = _insert.Header,
            Then = between is null ? then : found => Step(between(found), then),
            Touches = () => [.. Ddl.DdlChanges.ShardsOf(_context.Map, [_insert.Table])
                .Union(GlobalEntries.ShardsOf(_insert.Table, _context))],
            Explainer = () =>
            [
                new ExplainLine(
                    $"insert into {_insert.Table.Name} on conflict: rows in the way are read by their unique keys"),
            ],
        };
    }

    private StatementPlan Write()
    {
        // What was found stays as it is: where numbers of sequences are to be fetched first, all of this is done again.
        _present = [.. _found.Select(static f => new SortedDictionary<byte[], SqlValue[]>(f, ByteKeyComparer.Instance))];
        var touched = new SortedSet<byte[]>(ByteKeyComparer.Instance);
        var changes = new RowChanges(_context);
        var writes = new RowWrites(_insert.Table, _context, changes);
        var originals = new SortedDictionary<byte[], (SqlValue[]? Old, SqlValue[] Row)>(ByteKeyComparer.Instance);
        var returned = new List<SqlValue[]>();
        long affected = 0;
        foreach (SqlValue[] proposed in _proposed)
        {
            _insert.RequireChecks(proposed, _binding.ParameterValues);
            SqlValue[]? conflict = Conflicting(proposed);
            SqlValue[]? row = conflict is null ? proposed : Resolve(conflict, proposed);
            if (row is null)
            {
                continue;
            }

            byte[] key = writes.KeyOf(row);
            if (!touched.Add(key))
            {
                throw new SqlException(
                    SqlStates.CardinalityViolation, "ON CONFLICT DO UPDATE command cannot affect row a second time")
                {
                    Table = _insert.Table.Name,
                    Hint = "Ensure that no rows proposed for insertion within the same command have the same key.",
                };
            }

            originals[key] = (conflict, row);
            Know(conflict, row);
            affected++;
            if (_insert.Returning.Count > 0)
            {
                returned.Add([.. _insert.Returning.Select(r => r.Evaluate(row, _binding.ParameterValues))]);
            }
        }

        foreach ((SqlValue[]? old, SqlValue[] row) in originals.Values)
        {
            if (old is null)
            {
                writes.Insert(row);
            }
            else
            {
                writes.Overwrite(old, row);
            }
        }

        IReadOnlyList<ShardTask> tasks = writes.ToTasks();
        return new StatementPlan
        {
            Kind = StatementKind.Write,
            Statement = _insert.Statement,
            Tag = "INSERT",
            Columns = _insert.Header,
            Tasks = tasks,
            Affected = affected,
            IsCompound = true,
            FollowUp = changes.FollowUp(tasks),
            RunPlan = new StatementRunPlan { Sources = tasks.Count, ConstantRows = returned },
        };
    }

    private SqlValue[]? Conflicting(SqlValue[] proposed)
    {
        for (int i = 0; i < _present.Count; i++)
        {
            if (KeyOf(proposed, _insert.Arbiters[i]) is { } key && _present[i].TryGetValue(key, out SqlValue[]? row))
            {
                return row;
            }
        }

        return null;
    }

    /// <summary>The row that takes the place of the one that is there; null: that one stays.</summary>
    private SqlValue[]? Resolve(SqlValue[] present, SqlValue[] proposed)
    {
        SqlValue[] both = [.. present, .. proposed];
        ConflictPlan plan = _conflict.Plan;
        if (plan.Assignments.Count == 0
            || (!plan.Filter.IsEmpty && !_binding.Evaluate(Bound(plan.Filter), both).IsTrue))
        {
            return null;
        }

        var updated = (SqlValue[])present.Clone();
        foreach (ColumnAssignment assignment in plan.Assignments)
        {
            int ordinal = (int)assignment.Column;
            BoundExpression value = _conflict.Numbers.GetValueOrDefault(assignment.Column) ?? Bound(assignment.Value);
            updated[ordinal] = SqlCast.To(
                _binding.Evaluate(value, both), _insert.Table.Columns[ordinal].Type, isExplicit: false);
        }

        return updated;
    }

    /// <summary>What later rows of the statement meet.</summary>
    private void Know(SqlValue[]? old, SqlValue[] row)
    {
        for (int i = 0; i < _present.Count; i++)
        {
            if (old is not null && KeyOf(old, _insert.Arbiters[i]) is { } before)
            {
                _present[i].Remove(before);
            }

            if (KeyOf(row, _insert.Arbiters[i]) is { } key)
            {
                _present[i][key] = row;
            }
        }
    }

    private static BoundExpression Bound(Google.Protobuf.ByteString bytes) =>
        BoundNodes.Bind(Expression.Parser.ParseFrom(bytes));

    /// <summary>The values of a unique key; null where one of them is NULL: then nothing is in the way.</summary>
    private static byte[]? KeyOf(SqlValue[] row, IReadOnlyList<int> columns)
    {
        var writer = new ByteWriter(64);
        foreach (int column in columns)
        {
            if (row[column].IsNull)
            {
                return null;
            }

            KeyCodec.Append(writer, row[column]);
        }

        return writer.ToArray();
    }
}
