using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Google.Protobuf;
using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Ddl;
using ShardSql.Planning.Explaining;
using ShardSql.Planning.ForeignKeys;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Queries;
using ShardSql.Planning.Relations;
using ShardSql.Planning.Spillover;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using SortKey = ShardSql.Execution.Plans.SortKey;

namespace ShardSql.Planning.Writes;

/// <summary>
/// Plans an INSERT: computes each row, its key and its shard here, so that a shard only checks constraints and whether
/// the key is free.
/// </summary>
internal sealed class InsertPlanner : PreparedPlan
{
    private readonly Statement _statement;
    private readonly Insert _insert;
    private readonly TableDescriptor _table;
    private readonly Binding _constants;
    private readonly Binding _returning;
    private readonly List<int> _columns;
    private readonly BoundConflict? _conflict;
    private readonly bool _dependsOnReferences;
    private readonly IReadOnlyList<ResultColumn> _header;
    private readonly IReadOnlyList<(string Name, BoundExpression Condition)> _checks;
    private readonly byte[] _body;
    private readonly byte[] _copyBody;

    public InsertPlanner(Statement statement, PlanningContext context)
    {
        _statement = statement;
        _insert = statement.Insert;
        SchemaNames.RequireUserSchema(_insert.Table);
        _table = ViewPlanner.RequireTable(
            context.Catalog.Require(_insert.Table.Name, (int)_insert.Table.Position), _insert.Table);
        SpillableColumns.RequireUnread(_insert, _table);
        _columns = ColumnsGiven();
        _constants = Binding.WithoutColumns(context);
        QuerySource source = QuerySource.Of(_table, string.Empty);
        _returning = Binding.Of(context, source.Scope);
        var plan = new InsertPlan { Table = context.Catalog.WrittenShapeOf(_table) };
        CheckBinder.Bind(_table, _returning, plan.Checks);
        _conflict = ConflictBinder.Bind(_insert, _table, _returning);
        plan.Conflict = _conflict?.Plan;
        _dependsOnReferences = _table.ForeignKeys.Count > 0 || ReferenceColumns.Depend(
            _table, [.. _conflict?.Plan.Assignments.Select(static a => (int)a.Column) ?? []], context.Catalog);
        Arbiters = ConflictBinder.Arbiters(_insert, _table);
        _header = ReturningBinder.Bind(_insert.Returning, source, _returning, plan.Returning);
        _checks = [.. plan.Checks.Select(static c => (c.Name, BoundNodes.Bind(Expression.Parser.ParseFrom(c.Condition))))];
        Returning = [.. plan.Returning.Select(static r => BoundNodes.Bind(Expression.Parser.ParseFrom(r)))];
        _body = plan.ToByteArray();
        plan.Returning.Clear();
        _copyBody = _table.Placement == PlacementKind.Reference ? plan.ToByteArray() : _body;
    }

    /// <inheritdoc />
    public override bool IsReusable => !_returning.HoldsValues;

    /// <summary>The table.</summary>
    public TableDescriptor Table => _table;

    /// <summary>Ordinals of the columns that values are given for.</summary>
    public IReadOnlyList<int> Columns => _columns;

    /// <summary>The statement.</summary>
    public Statement Statement => _statement;

    /// <summary>The unique keys that ON CONFLICT is about.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Arbiters { get; }

    /// <summary>The expressions of RETURNING.</summary>
    public IReadOnlyList<BoundExpression> Returning { get; }

    /// <summary>Whether what is in the way of a row is read before anything is written: its shard alone cannot tell, or has
    /// not all copies yet.</summary>
    private bool ReadsFirst(PlanningContext context) => _conflict is not null
        && (GlobalEntries.AreIn(_table) || Arbiters.Count > 1 || !Arbiters[0].SequenceEqual(_table.PrimaryKey)
            || _dependsOnReferences || _conflict.Numbers.Count > 0
            || (_table.Placement == PlacementKind.Reference && context.Map.Topology.Filling.Count > 0));

    /// <summary>The result's columns.</summary>
    public IReadOnlyList<ResultColumn> Header => _header;

    /// <inheritdoc />
    public override StatementPlan Plan(PlanningContext context)
    {
        var rows = new InsertRows(_table, _constants.For(context), context, !ReadsFirst(context));
        if (_insert.DefaultValues)
        {
            rows.Add(new SqlValue[_table.Columns.Count], new bool[_table.Columns.Count], 0);
        }

        for (int i = 0; i < _insert.Rows.Count; i++)
        {
            AddRow(rows, _insert.Rows[i], i);
        }

        return Plan(rows, context);
    }

    /// <summary>The plan for rows that were computed before: values of the types of <see cref="Columns"/>.</summary>
    public StatementPlan Plan(IReadOnlyList<SqlValue[]> values, PlanningContext context)
    {
        var rows = new InsertRows(_table, _constants.For(context), context, !ReadsFirst(context));
        for (int i = 0; i < values.Count; i++)
        {
            var row = new SqlValue[_table.Columns.Count];
            bool[] given = new bool[row.Length];
            for (int c = 0; c < values[i].Length; c++)
            {
                row[_columns[c]] = values[i][c];
                given[_columns[c]] = !IsIgnored(_columns[c]);
            }

            rows.Add(row, given, i);
        }

        return Plan(rows, context);
    }

    /// <summary>23514 where a row may not be in the table, whatever is in its way there.</summary>
    public void RequireChecks(SqlValue[] row, SqlValue[] parameters)
    {
        foreach ((string name, BoundExpression condition) in _checks)
        {
            if (condition.Evaluate(row, parameters).IsFalse)
            {
                throw ConstraintErrors.CheckViolated(_table.Name, name);
            }
        }
    }

    /// <summary>428C9 where the column at a place takes no values.</summary>
    public void RequireGiven(int place, uint position) =>
        WriteColumns.RequireGiven(_table, _table.Columns[_columns[place]], _insert, position);

    /// <summary>OVERRIDING USER VALUE: what is given for an identity column is not taken.</summary>
    private bool IsIgnored(int ordinal) =>
        _insert.Overriding == Overriding.User && _table.Columns[ordinal].Identity != IdentityKind.None;

    private StatementPlan Plan(InsertRows rows, PlanningContext context)
    {
        if (ReadsFirst(context))
        {
            return new UpsertPlanner(this, _conflict!, rows.Undecided, context, _returning.For(context)).Plan();
        }

        bool merges = _header.Count > 0 && rows.Shards.Count > 1 && _table.Placement != PlacementKind.Reference;
        IReadOnlyList<ShardTask> tasks = TaskMerger.Merge(
            FragmentBuilder.Build(
                _table,
                _returning.For(context),
                rows.Shards,
                FragmentStatement.InsertFieldNumber,
                first => first ? _body : _copyBody,
                shard => new InsertPlan { Rows = { rows.Of(shard.Shard) }, Numbered = merges }),
            rows.EntryTasks());
        return new StatementPlan
        {
            Kind = StatementKind.Write,
            Statement = _statement,
            Tag = "INSERT",
            Columns = _header,
            Tasks = tasks,
            IsCompound = GlobalEntries.AreIn(_table),
            Affected = GlobalEntries.AreIn(_table) ? rows.Count : null,
            FollowUp = rows.Changes.FollowUp(tasks),
            RunPlan = merges ? MergeByNumber(tasks.Count, _header.Count) : new StatementRunPlan { Sources = tasks.Count },
            Touches = () => [.. tasks.Select(static t => t.Shard).Union(Checks(rows, context).Shards)],
            Explainer = () =>
            {
                ForeignKeyExplainer checks = Checks(rows, context);
                return ExplainText.Lines(
                    new ExplainInput
                    {
                        Verb = "insert into",
                        Table = _table,
                        Shards = rows.Shards,
                        Elsewhere = [.. tasks.Select(static t => t.Shard)],
                        Checks = checks.Lines,
                        CheckShards = checks.Shards,
                        IsWrite = true,
                    },
                    context);
            },
        };
    }

    private ForeignKeyExplainer Checks(InsertRows rows, PlanningContext context)
    {
        var checks = new ForeignKeyExplainer(context, [.. rows.Shards.Select(static s => s.Shard)]);
        checks.AddInserted(_table, rows.Changes.All);
        return checks;
    }

    /// <summary>Rows of several shards come back in the order of the statement.</summary>
    private static StatementRunPlan MergeByNumber(int sources, int columns) => new()
    {
        Sources = sources,
        Mode = SourceMode.OrderedMerge,
        MergeOrder = [new SortKey { Column = (uint)columns }],
        Output = new OutputStage { Visible = (uint)columns },
    };

    private List<int> ColumnsGiven()
    {
        var columns = new List<int>(_table.Columns.Count);
        foreach (ColumnName name in _insert.Columns)
        {
            int ordinal = WriteColumns.Require(_table, name);
            if (columns.Contains(ordinal))
            {
                throw WriteColumns.Twice(name);
            }

            columns.Add(ordinal);
        }

        for (int i = 0; i < _table.Columns.Count && _insert.Columns.Count == 0; i++)
        {
            if (!_table.Columns[i].Hidden)
            {
                columns.Add(i);
            }
        }

        return columns;
    }

    private void AddRow(InsertRows rows, ExpressionRow expressions, int number)
    {
        bool tooMany = expressions.Values.Count > _columns.Count;
        if (tooMany || (_insert.Columns.Count > 0 && expressions.Values.Count < _columns.Count))
        {
            throw new SqlException(
                SqlStates.SyntaxError,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"INSERT has {expressions.Values.Count} values for {_columns.Count} columns"),
                (int)expressions.Position);
        }

        var row = new SqlValue[_table.Columns.Count];
        bool[] given = new bool[row.Length];
        for (int i = 0; i < expressions.Values.Count; i++)
        {
            Expression value = expressions.Values[i];
            if (!Binding.IsDefault(value) && !IsIgnored(_columns[i]))
            {
                RequireGiven(i, value.Nodes[^1].Position);
                row[_columns[i]] = rows.Evaluate(value, _table.Columns[_columns[i]]);
                given[_columns[i]] = true;
            }
        }

        rows.Add(row, given, number);
    }
}
