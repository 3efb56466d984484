using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.ForeignKeys;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Queries;
using ShardSql.Planning.Spillover;
using ShardSql.Planning.Writes;
using ShardSql.Primitives;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Relations;

/// <summary>
/// Plans UPDATE and DELETE that one table and its shards cannot do alone: with other tables, with queries in conditions
/// or values, or of a key column. The rows are found first; then they are written by their keys, in the same
/// transaction, and a row whose key has changed moves.
/// </summary>
internal sealed class RelationWritePlanner : PreparedPlan
{
    private readonly Statement _statement;
    private readonly bool _isUpdate;
    private readonly RelationBuild _build;
    private readonly RelationQueries _queries;
    private readonly TableDescriptor _table;
    private readonly bool _areExact;
    private readonly List<int> _assigned = [];
    private readonly List<(int Place, BoundExpression Value)> _numbers = [];
    private readonly List<BoundExpression> _returning = [];
    private readonly List<ResultColumn> _header = [];

    public RelationWritePlanner(Statement statement, PlanningContext context)
    {
        _statement = statement;
        _isUpdate = statement.KindCase == Statement.KindOneofCase.Update;
        _build = new RelationBuild(context) { Statement = KeepsRows(statement, context) ? statement : null };
        TableReference target = _isUpdate ? statement.Update.Table : statement.Delete.Table;
        CommonTables? tables = _isUpdate
            ? new CommonTableBinder(_build, null, null).Bind(statement.Update.With, statement.Update.Recursive)
            : new CommonTableBinder(_build, null, null).Bind(statement.Delete.With, statement.Delete.Recursive);
        var rows = new TargetRows(
            _build, target, _isUpdate ? statement.Update.Sources : statement.Delete.Sources, tables);
        _table = rows.Table;
        _areExact = rows.AreExact;
        foreach (Assignment assignment in _isUpdate ? statement.Update.Assignments : [])
        {
            int ordinal = WriteColumns.RequireAssigned(_table, assignment);
            Expression value = assignment.Value;
            if (WriteColumns.NumbersOf(_table, assignment) is { } numbers)
            {
                // Taken when the rows are known, for each of them.
                _numbers.Add((_assigned.Count, Numbers(numbers, _table.Columns[ordinal], context)));
                value = Binding.Literal(SqlValue.NullOf(_table.Columns[ordinal].Type.Kind));
            }

            rows.Add(value, _table.Columns[ordinal]);
            _assigned.Add(ordinal);
        }

        List<(OutputItem Item, Expression Value)> returning = BindReturning(rows);
        RelationNode found = rows.Build(_isUpdate ? statement.Update.Where : statement.Delete.Where);
        foreach ((OutputItem item, Expression value) in returning)
        {
            BoundExpression bound = rows.Placed(value);
            _returning.Add(bound);
            _header.Add(new RelationColumn(string.Empty, item.Name, bound.Type, bound.IsNullable).ToResult());
        }

        _queries = new RelationQueries(_build, _build.ToPlan(found));
    }

    /// <summary>Whether the rows take deltas from now on: slots that have no quotas are given some, or headers.</summary>
    public bool Opens { get; init; }

    /// <summary>Whether what is older than the row, by the column that policy timestamp decides by, is not written.</summary>
    public bool KeepsNewer { get; init; }

    /// <inheritdoc />
    public override bool IsReusable => !_build.Binding.HoldsValues;

    /// <summary>Whether an UPDATE is more than its table's shards can do alone.</summary>
    public static bool IsNeeded(Update update, PlanningContext context)
    {
        if (update.Sources.Count > 0 || update.With.Count > 0 || BoundNodes.NeedsRelations(update.Where)
            || update.Assignments.Any(a => BoundNodes.NeedsRelations(a.Value)))
        {
            return true;
        }

        if (TableOf(update.Table, context) is not { } table)
        {
            return false;
        }

        int[] assigned = [.. update.Assignments.Select(a => table.OrdinalOf(a.Column.Name))];
        return assigned.Any(table.KeyColumns.Contains) || WriteColumns.TakeNumbers(table, update.Assignments)
            || GlobalEntries.Depend(table, assigned)
            || (table.Spillover is not null && NamedColumns.Of(update).MeanSpilled(table))
            || ReferenceColumns.Depend(table, assigned, context.Catalog);
    }

    /// <summary>Whether a DELETE is.</summary>
    public static bool IsNeeded(Delete delete, PlanningContext context) =>
        delete.Sources.Count > 0 || delete.With.Count > 0 || BoundNodes.NeedsRelations(delete.Where)
        || (TableOf(delete.Table, context) is { } table
            && (GlobalEntries.AreIn(table) || table.Spillover is not null || context.Catalog.ReferencesTo(table).Count > 0));

    /// <inheritdoc />
    public override StatementPlan Plan(PlanningContext context)
    {
        Binding binding = _build.Binding.For(context);
        RelationQuery query = _queries.Of(context);
        return new StatementPlan
        {
            Kind = StatementKind.Write,
            Statement = _statement,
            Tag = _isUpdate ? "UPDATE" : "DELETE",
            Columns = _header,
            Relation = query,
            Then = rows => Write(rows, binding, context),
            Touches = () => Touched(context),
            Explainer = () => RelationExplainer.WriteLines(
                _build,
                query.Plan,
                _queries.PartsOf(query),
                context,
                Touched(context),
                $"{(_isUpdate ? "update" : "delete from")} {_table.Name}: rows by their keys",
                Checks(context).Lines),
        };
    }

    private static TableDescriptor? TableOf(TableReference reference, PlanningContext context) =>
        SchemaNames.IsUser(reference.Table) ? context.Catalog.Find(reference.Table.Name) : null;

    /// <summary>Whether the rows stay under their keys, so that deltas which the statement does not name stay theirs.</summary>
    private static bool KeepsRows(Statement statement, PlanningContext context) =>
        statement.KindCase == Statement.KindOneofCase.Update
        && TableOf(statement.Update.Table, context) is { } table
        && !statement.Update.Assignments.Any(a => table.KeyColumns.Contains(table.OrdinalOf(a.Column.Name)));

    /// <summary>The rows that are written are among those read, except where their keys change, or they have copies.
    /// Entries of GLOBAL indexes may be anywhere.</summary>
    private SortedSet<ShardId> Touched(PlanningContext context)
    {
        SortedSet<ShardId> touched = RelationExplainer.ShardsOf(_build, context);
        bool moves = _assigned.Exists(a => _table.KeyColumns.Contains(a));
        if (_table.Placement == PlacementKind.Reference || moves)
        {
            touched.UnionWith(Ddl.DdlChanges.ShardsOf(context.Map, [_table]));
        }

        if (!_isUpdate || moves || GlobalEntries.Depend(_table, _assigned))
        {
            touched.UnionWith(GlobalEntries.ShardsOf(_table, context));
        }

        if (_areExact)
        {
            touched.UnionWith(Ddl.DdlChanges.ShardsOf(
                context.Map, [context.Catalog.Find(_table.Spillover!.DeltasTableId)!]));
        }

        touched.UnionWith(Checks(context).Shards);
        return touched;
    }

    /// <summary>What foreign keys look at. Where the rows are by their keys, the keys are known before they are found.
    /// </summary>
    private ForeignKeyExplainer Checks(PlanningContext context)
    {
        SortedSet<ShardId> home = RelationExplainer.ShardsOf(_build, context);
        var checks = new ForeignKeyExplainer(context, home);
        IReadOnlyList<SqlValue[]>? keys = TargetKeys.Known(_statement, _table, context);
        if (_isUpdate)
        {
            checks.AddUpdated(_table, TargetKeys.Assigned(_statement.Update, _table, context), keys);
        }
        else
        {
            checks.AddDeleted(_table, keys);
        }

        return checks;
    }

    private List<(OutputItem Item, Expression Value)> BindReturning(TargetRows rows)
    {
        var returning = new List<(OutputItem, Expression)>();
        foreach (OutputItem item in SelectOutput.Expand(
            _isUpdate ? _statement.Update.Returning : _statement.Delete.Returning, rows.Names))
        {
            returning.Add((item, rows.Returning(item.Expression)));
        }

        return returning;
    }

    private StatementPlan Write(IReadOnlyList<SqlValue[]> found, Binding binding, PlanningContext context)
    {
        var changes = new RowChanges(context);
        var writes = new RowWrites(_table, context, changes);
        var seen = new Dictionary<byte[], bool>(ByteKeyComparer.Instance);
        var returned = new List<SqlValue[]>();
        var spilled = new SpilledWrites(_table, context) { Opens = Opens, KeepsNewer = KeepsNewer };
        foreach (SqlValue[] one in found)
        {
            // What was found stays as it is: where numbers are to be fetched first, all of this is done again.
            var row = (SqlValue[])one.Clone();
            SqlValue[] old = row[.._table.Columns.Count];

            // Joined with several rows, a row is written once.
            byte[] key = writes.KeyOf(old);
            if (!seen.TryAdd(key, true))
            {
                continue;
            }

            TakeNumbers(row, binding);
            Assign(row);
            if (_areExact)
            {
                spilled.Add(old, row, KeyOf(old), stays: _isUpdate && KeyOf(old).AsSpan().SequenceEqual(KeyOf(row)));
            }

            Write(writes, old, row);
            if (_returning.Count > 0)
            {
                returned.Add([.. _returning.Select(r => r.Evaluate(row, binding.ParameterValues))]);
            }
        }

        IReadOnlyList<ShardTask> tasks = TaskMerger.Merge(writes.ToTasks(), spilled.ToTasks());
        return new StatementPlan
        {
            Kind = StatementKind.Write,
            Statement = _statement,
            Tag = _isUpdate ? "UPDATE" : "DELETE",
            Columns = _header,
            Tasks = tasks,
            Affected = seen.Count,
            FollowUp = spilled.FollowUp(changes.FollowUp(tasks)),
            RunPlan = new StatementRunPlan { Sources = tasks.Count, ConstantRows = returned },
        };
    }

    private SqlValue[] KeyOf(SqlValue[] row) => [.. _table.KeyColumns.Select(ordinal => row[ordinal])];

    /// <summary>What takes numbers may read the row that is written, and no other.</summary>
    private BoundExpression Numbers(Expression value, ColumnDescriptor column, PlanningContext context)
    {
        if (_statement.Update.Sources.Count > 0 || !SequenceItem.IsOfRow(value))
        {
            _ = SequenceItem.RequireUnread(value);
        }

        Binding rows = Binding.Of(context, QuerySource.Of(_table, _statement.Update.Table.Alias).Scope);
        return rows.BindAssignmentAsIs(value, column);
    }

    private void TakeNumbers(SqlValue[] row, Binding binding)
    {
        foreach ((int place, BoundExpression value) in _numbers)
        {
            row[_table.Columns.Count + place] = binding.Evaluate(value, row);
        }
    }

    /// <summary>In the found row the new values take the place of the old.</summary>
    private void Assign(SqlValue[] row)
    {
        for (int i = 0; i < _assigned.Count; i++)
        {
            row[_assigned[i]] = row[_table.Columns.Count + i];
        }
    }

    private void Write(RowWrites writes, SqlValue[] old, SqlValue[] row)
    {
        if (_isUpdate)
        {
            writes.Change(old, row[.._table.Columns.Count]);
        }
        else
        {
            writes.Delete(old);
        }
    }
}
