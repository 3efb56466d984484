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
internal sealed class UpdatePlanner
{
    private readonly Statement _statement;
    private readonly Update _update;
    private readonly PlanningContext _context;

    public UpdatePlanner(Statement statement, PlanningContext context)
    {
        _statement = statement;
        _update = statement.Update;
        _context = context;
    }

    /// <summary>The plan.</summary>
    public StatementPlan Plan()
    {
        QuerySource source = WriteSources.Of(_update.Table, _context);
        TableDescriptor table = source.Table!;
        Binding rows = Binding.Of(_context, source.Scope);
        var update = new UpdatePlan { Table = _context.Catalog.ShapeOf(table) };
        AddAssignments(update, table, rows);
        CheckBinder.Bind(table, _context, update.Checks);
        IReadOnlyList<ResultColumn> header =
            ReturningBinder.Bind(_update.Returning, source, rows, update.Returning);
        TableAccess access = new TableAccessPlanner(source, rows, _context).PlanWrite(_update.Where);
        update.Filter = access.Filter;
        bool first = true;
        IReadOnlyList<ShardTask> tasks = new FragmentBuilder(table, rows).Build(access.Shards, shard =>
        {
            update.Access = shard.ToMessage();
            if (!first && table.Placement == PlacementKind.Reference)
            {
                update.Returning.Clear();
            }

            first = false;
            return new FragmentStatement { Update = update };
        });
        return new StatementPlan
        {
            Kind = StatementKind.Write,
            Statement = _statement,
            Tag = "UPDATE",
            Columns = header,
            Tasks = tasks,
            RunPlan = new StatementRunPlan { Sources = tasks.Count },
            Explainer = () => WriteSources.Explain("update", access, _context),
        };
    }

    private void AddAssignments(UpdatePlan update, TableDescriptor table, Binding rows)
    {
        var seen = new SortedSet<int>();
        foreach (Assignment assignment in _update.Assignments)
        {
            int ordinal = WriteColumns.Require(table, assignment.Column);
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

    private ByteString ValueOf(Expression value, ColumnDescriptor column, Binding rows)
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
            : rows.ToBytes(Binding.WithoutColumns(_context).BindAssignment(column.Default, column));
    }
}
