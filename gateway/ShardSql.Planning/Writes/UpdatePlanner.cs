using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Explaining;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Queries;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Writes;

/// <summary>Plans an UPDATE: each shard finds, changes and checks its rows.</summary>
internal sealed class UpdatePlanner : PreparedPlan
{
    private readonly Statement _statement;
    private readonly Update _update;
    private readonly TableDescriptor _table;
    private readonly Binding _rows;
    private readonly TableAccessPlanner _access;
    private readonly IReadOnlyList<ResultColumn> _header;
    private readonly byte[] _body;
    private readonly byte[] _copyBody;

    public UpdatePlanner(Statement statement, PlanningContext context)
    {
        _statement = statement;
        _update = statement.Update;
        QuerySource source = WriteSources.Of(_update.Table, context);
        _table = source.Table!;
        _rows = Binding.Of(context, source.Scope);
        var plan = new UpdatePlan { Table = context.Catalog.WrittenShapeOf(_table) };
        AddAssignments(plan, _table, _rows);
        CheckBinder.Bind(_table, _rows, plan.Checks);
        _header = ReturningBinder.Bind(_update.Returning, source, _rows, plan.Returning);
        _access = new TableAccessPlanner(source, _rows, _update.Where);
        _body = plan.ToByteArray();
        plan.Returning.Clear();
        _copyBody = _table.Placement == PlacementKind.Reference ? plan.ToByteArray() : _body;
    }

    /// <inheritdoc />
    public override bool IsReusable => !_rows.HoldsValues;

    /// <inheritdoc />
    public override StatementPlan Plan(PlanningContext context)
    {
        Binding rows = RowsFor(context);
        return Plan(AccessOf(rows, context), rows, context);
    }

    /// <summary>The values of one execution.</summary>
    public Binding RowsFor(PlanningContext context) => _rows.For(context);

    /// <summary>How its rows are reached with some values.</summary>
    public TableAccess AccessOf(Binding rows, PlanningContext context) => _access.Plan(context, rows, isWrite: true);

    /// <summary>The plan for an access that is known already, with the same values.</summary>
    public StatementPlan Plan(TableAccess access, Binding rows, PlanningContext context)
    {
        StatementPlan plan = Update(access, rows, context);
        return !access.IsLookUp ? plan : LookUps.Before(plan, access, context, found => Update(
            LookUps.Found(_access, context, rows, isWrite: true, found, AccessWishes.None), rows, context));
    }

    private StatementPlan Update(TableAccess access, Binding rows, PlanningContext context)
    {
        IReadOnlyList<ShardTask> tasks = FragmentBuilder.Build(
            _table,
            rows,
            access.Shards,
            FragmentStatement.UpdateFieldNumber,
            first => first ? _body : _copyBody,
            shard => new UpdatePlan { Access = shard.ToMessage(), Filter = access.Filter });
        return new StatementPlan
        {
            Kind = StatementKind.Write,
            Statement = _statement,
            Tag = "UPDATE",
            Columns = _header,
            Tasks = tasks,
            RunPlan = new StatementRunPlan { Sources = tasks.Count },
            Explainer = () => WriteSources.Explain("update", access, context),
        };
    }

    private void AddAssignments(UpdatePlan update, TableDescriptor table, Binding rows)
    {
        var seen = new SortedSet<int>();
        foreach (Assignment assignment in _update.Assignments)
        {
            int ordinal = WriteColumns.RequireAssigned(table, assignment);
            ColumnDescriptor column = table.Columns[ordinal];
            if (!seen.Add(ordinal))
            {
                throw WriteColumns.Twice(assignment.Column);
            }

            foreach (int key in table.KeyColumns)
            {
                if (key == ordinal)
                {
                    throw new SqlException(
                        SqlStates.FeatureNotSupported,
                        $"column \"{column.Name}\" is part of the key of table \"{table.Name}\" and cannot be updated",
                        (int)assignment.Column.Position)
                    {
                        Hint = "DELETE the row and INSERT it with the new key in one transaction.",
                        Table = table.Name,
                        ColumnName = column.Name,
                    };
                }
            }

            update.Assignments.Add(new ColumnAssignment
            {
                Column = (uint)ordinal,
                Value = ValueOf(assignment.Value, column, rows),
            });
        }
    }

    private static ByteString ValueOf(Expression value, ColumnDescriptor column, Binding rows)
    {
        if (!Binding.IsDefault(value))
        {
            if (Aggregates.Contains(value))
            {
                throw new SqlException(
                    SqlStates.GroupingError,
                    "aggregate functions are not allowed in UPDATE",
                    (int)value.Nodes[^1].Position);
            }

            return rows.ToBytes(rows.BindAssignment(value, column));
        }

        return column.Default is null
            ? rows.ToBytes(rows.BindAssignment(Binding.Literal(SqlValue.NullOf(column.Type.Kind)), column))
            : rows.ToBytes(rows.Over(RowScope.Empty).BindAssignment(column.Default, column));
    }
}
