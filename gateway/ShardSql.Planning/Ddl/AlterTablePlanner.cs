using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Queries;
using ShardSql.Planning.Spillover;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Ddl;

/// <summary>
/// ALTER TABLE: one action after the other makes the next version of the descriptor. Rows are not rewritten: those from
/// before a column was added hold its default by the descriptor. What the rows must not violate is looked for in the
/// transaction of the change.
/// </summary>
internal sealed partial class AlterTablePlanner(PlanningContext context, AlterTable statement)
{
    private const int ColumnsMax = RowCodec.MaxColumns - 1;

    private readonly List<DdlCheck> _checks = [];
    private readonly SequenceColumns _sequences = new(context.Catalog, statement.Table.Name);
    private TableDescriptor _before = null!;
    private TableDescriptor _table = null!;
    private string? _notice;

    /// <summary>The change.</summary>
    public PlannedDdl Plan()
    {
        SchemaNames.RequireUserSchema(statement.Table);
        string name = statement.Table.Name;
        if (statement.IfExists && context.Catalog.Find(name) is null)
        {
            return new PlannedDdl(null, $"table \"{name}\" does not exist, skipping");
        }

        _before = ViewPlanner.RequireTable(
            context.Catalog.Require(name, (int)statement.Table.Position), statement.Table);
        _table = _before;
        if (statement.Actions.FirstOrDefault(a => a.Kind == AlterKind.AddUnique) is { } unique)
        {
            return AddUnique(unique);
        }

        if (statement.Actions.FirstOrDefault(IsSpillover) is { } spillover)
        {
            DdlChange changed = new SpilloverPlanner(context, _table, spillover).Plan();
            return new PlannedDdl(changed, null);
        }

        foreach (AlterAction action in statement.Actions)
        {
            Apply(action);
        }

        if (ReferenceEquals(_table, _before))
        {
            return new PlannedDdl(null, _notice);
        }

        _table = _table with { Version = _before.Version + 1 };
        SpillableColumns.RequireStill(_table, Binding.WithoutColumns(context), (int)statement.Table.Position);
        DdlChange change = DdlChanges.Replace(context.State, _before, _table, _sequences, _checks);
        ViewDependencies.Check(context, change.After, _before);
        return new PlannedDdl(change, _notice);
    }

    private static bool IsSpillover(AlterAction action) =>
        action.Kind is AlterKind.EnableSpillover or AlterKind.AlterSpillover or AlterKind.DisableSpillover;

    private void Apply(AlterAction action)
    {
        switch (action.Kind)
        {
            case AlterKind.AddColumn:
                AddColumn(action);
                break;
            case AlterKind.DropColumn:
                DropColumn(action);
                break;
            case AlterKind.RenameColumn:
                RenameColumn(action);
                break;
            case AlterKind.RenameTable:
                RenameTable(action);
                break;
            case AlterKind.SetDefault or AlterKind.DropDefault:
                SetDefault(action);
                break;
            case AlterKind.SetNotNull or AlterKind.DropNotNull:
                SetNullable(action, action.Kind == AlterKind.DropNotNull);
                break;
            case AlterKind.AddCheck:
                AddChecks(action, null, default);
                break;
            case AlterKind.AddForeignKey:
                AddForeignKeys(action);
                break;
            case AlterKind.DropConstraint:
                DropConstraint(action);
                break;
            default:
                throw new SqlException(SqlStates.ProtocolViolation, "a change of a table of an unknown kind");
        }
    }

    private void AddColumn(AlterAction action)
    {
        if (_table.OrdinalOf(action.Name) >= 0 || action.Name == TableDescriptor.HiddenKeyName)
        {
            string text = $"column \"{action.Name}\" of relation \"{_table.Name}\" already exists";
            _notice = action.Tolerant
                ? text + ", skipping"
                : throw new SqlException(SqlStates.DuplicateColumn, text, (int)action.Position);
            return;
        }

        if (_table.Columns.Count >= ColumnsMax)
        {
            throw new SqlException(
                SqlStates.TooManyColumns,
                $"a table has at most {ColumnsMax} columns",
                (int)action.Position);
        }

        SequenceNames.RequireAll(context.Catalog, action.Column.DefaultValue);
        var column = new ColumnDescriptor(
            TableEdits.NextColumnId(_table), action.Name, SqlType.FromMessage(action.Column.Type))
        {
            Nullable = !action.Column.NotNull,
            Default = action.Column.DefaultValue?.Nodes.Count > 0 ? action.Column.DefaultValue : null,
        };
        column = action.Column.Sequence is { } sequence ? _sequences.Add(column, sequence) : column;
        bool isEachTime = column.Default is not null && BoundExpression.GivesAnotherEachTime(column.Default);
        if (isEachTime)
        {
            Binding.WithoutColumns(context).CheckAssignment(column.Default!, column);
            Forbid(null, () => NeedsEmpty(column, (int)action.Position));
        }
        else
        {
            column = column with { MissingValue = TableEdits.ValueOfEarlierRows(column, context) };
        }

        if (!column.Nullable && column.MissingValue.IsNull && !isEachTime)
        {
            Forbid(null, () => ContainsNulls(column.Name));
        }

        _table = _table with { Columns = [.. _table.Columns, column], NextColumnId = 0 };
        AddChecks(action, column.Name, column.MissingValue);
        AddForeignKeys(action);
    }

    private static SqlException NeedsEmpty(ColumnDescriptor column, int position)
    {
        bool isSequence = column.IsAutoIncrement;
        return new SqlException(
            SqlStates.FeatureNotSupported,
            $"column \"{column.Name}\" with a default that is another one for each row cannot be added to a table that has rows",
            position)
        {
            ColumnName = column.Name,
            Hint = isSequence
                ? "ADD COLUMN without it, CREATE SEQUENCE s, UPDATE the rows with nextval('s'), then ALTER COLUMN ... SET DEFAULT "
                    + "nextval('s') and SET NOT NULL, and ALTER SEQUENCE s OWNED BY the column."
                : "Add it without DEFAULT, UPDATE the rows, then ALTER COLUMN ... SET DEFAULT.",
        };
    }

    private void DropColumn(AlterAction action)
    {
        int ordinal = _table.OrdinalOf(action.Name);
        if (ordinal < 0)
        {
            if (!action.Tolerant)
            {
                throw Unknown(action);
            }

            _notice = $"column \"{action.Name}\" of relation \"{_table.Name}\" does not exist, skipping";
            return;
        }

        SequenceDependencies.CheckColumn(context.Catalog, _table, _table.Columns[ordinal], (int)action.Position);
        _table = TableEdits.WithoutColumn(_table, ordinal, (int)action.Position);
    }

    private void RenameColumn(AlterAction action)
    {
        int ordinal = Require(action);
        if (_table.OrdinalOf(action.NewName) >= 0 || action.NewName == TableDescriptor.HiddenKeyName)
        {
            throw new SqlException(
                SqlStates.DuplicateColumn,
                $"column \"{action.NewName}\" of relation \"{_table.Name}\" already exists",
                (int)action.Position);
        }

        _table = TableEdits.With(_table, ordinal, _table.Columns[ordinal] with { Name = action.NewName });
        _table = _table with
        {
            Checks = TableEdits.Rewritten(_table.Checks, node =>
            {
                node.Name = node.Name == action.Name ? action.NewName : node.Name;
            }),
        };
    }

    private void RenameTable(AlterAction action)
    {
        if (context.Catalog.IsTaken(action.NewName))
        {
            throw new SqlException(
                SqlStates.DuplicateTable, $"relation \"{action.NewName}\" already exists", (int)action.Position);
        }

        string old = _table.Name;
        _table = _table with
        {
            Name = action.NewName,
            Checks = TableEdits.Rewritten(_table.Checks, node =>
            {
                node.Qualifier = node.Qualifier == old ? action.NewName : node.Qualifier;
            }),
        };
    }

    private void SetDefault(AlterAction action)
    {
        int ordinal = Require(action);
        ColumnDescriptor column = _table.Columns[ordinal];
        RequireNoIdentity(column, action);
        if (action.DefaultValue is not null)
        {
            Binding.WithoutColumns(context).CheckAssignment(action.DefaultValue, column);
            SequenceNames.RequireAll(context.Catalog, action.DefaultValue);
        }

        _table = TableEdits.With(_table, ordinal, column with { Default = action.DefaultValue });
    }

    private void SetNullable(AlterAction action, bool isNullable)
    {
        int ordinal = Require(action);
        if (isNullable)
        {
            RequireNoIdentity(_table.Columns[ordinal], action);
        }

        if (isNullable && TableEdits.IsOfKey(_table, ordinal))
        {
            throw new SqlException(
                SqlStates.InvalidTableDefinition, $"column \"{action.Name}\" is in a primary key", (int)action.Position);
        }

        if (!isNullable && _table.Columns[ordinal].Nullable)
        {
            var isNull = new Expression
            {
                Nodes =
                {
                    new ExpressionNode { Op = ExpressionOp.Column, Name = action.Name },
                    new ExpressionNode { Op = ExpressionOp.IsNull, Children = 1 },
                },
            };
            Forbid(isNull, () => ContainsNulls(action.Name));
        }

        _table = TableEdits.With(_table, ordinal, _table.Columns[ordinal] with { Nullable = isNullable });
    }

    private void RequireNoIdentity(ColumnDescriptor column, AlterAction action)
    {
        if (column.Identity != IdentityKind.None)
        {
            throw new SqlException(
                SqlStates.SyntaxError,
                $"column \"{column.Name}\" of relation \"{_table.Name}\" is an identity column",
                (int)action.Position);
        }
    }

    /// <summary>The change fails if rows of the table as it is now are found.</summary>
    private void Forbid(Expression? condition, System.Func<SqlException> error)
    {
        var query = new Select
        {
            Items = { new SelectItem { Expression = Binding.Literal(SqlValue.FromInt32(1)), Name = "found" } },
            From = new TableReference { Table = new TableName { Name = _before.Name } },
            Where = condition,
            Limit = Binding.Literal(SqlValue.FromInt32(1)),
        };
        _checks.Add(new DdlCheck(Planner.Plan(new Statement { Select = query }, context), _ => error()));
    }

    private SqlException ContainsNulls(string column) => new(
        SqlStates.NotNullViolation, $"column \"{column}\" of relation \"{_before.Name}\" contains null values")
    {
        ColumnName = column,
        Table = _before.Name,
    };

    private int Require(AlterAction action)
    {
        int ordinal = _table.OrdinalOf(action.Name);
        return ordinal >= 0 ? ordinal : throw Unknown(action);
    }

    private SqlException Unknown(AlterAction action) => new(
        SqlStates.UndefinedColumn,
        $"column \"{action.Name}\" of relation \"{_table.Name}\" does not exist",
        (int)action.Position)
    {
        ColumnName = action.Name,
        Hint = NearestName.Hint(action.Name, TableEdits.NamesOf(_table)),
    };
}
