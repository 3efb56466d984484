using System.Collections.Generic;
using System.Globalization;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Queries;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Ddl;

/// <summary>CREATE TABLE: checks the definition and makes descriptor and segments of it.</summary>
internal sealed class CreateTablePlanner
{
    private const int ColumnsMax = RowCodec.MaxColumns - 1;
    private const int KeyColumnsMax = 32;

    private readonly PlanningContext _context;
    private readonly CreateTable _statement;
    private readonly List<ColumnDescriptor> _columns = [];
    private readonly SequenceColumns _sequences;
    private string? _notice;

    public CreateTablePlanner(PlanningContext context, CreateTable statement)
    {
        _context = context;
        _statement = statement;
        _sequences = new SequenceColumns(context.Catalog, statement.Table.Name);
    }

    /// <summary>The change.</summary>
    public PlannedDdl Plan()
    {
        SchemaNames.RequireUserSchema(_statement.Table);
        string name = _statement.Table.Name;
        if (_context.Catalog.IsTaken(name))
        {
            return _statement.IfNotExists
                ? new PlannedDdl(null, $"table \"{name}\" already exists, skipping")
                : throw new SqlException(
                    SqlStates.DuplicateTable, $"table \"{name}\" already exists", (int)_statement.Table.Position)
                {
                    Table = name,
                };
        }

        AddColumns();
        List<int> primaryKey = PrimaryKey();
        bool hidden = primaryKey.Count == 0;
        if (hidden)
        {
            primaryKey.Add(_columns.Count);
            _columns.Add(new ColumnDescriptor(
                (uint)_columns.Count + 1, TableDescriptor.HiddenKeyName, SqlType.Bytes)
            {
                Nullable = false,
                Hidden = true,
            });
        }

        PlacementPlan placement = new PlacementPlanner(_context, _columns, primaryKey, hidden).Plan(_statement);
        var table = new TableDescriptor
        {
            Id = _context.Catalog.Header.NextTableId,
            Name = name,
            GroupId = placement.GroupId,
            Placement = placement.Kind,
            Columns = _columns,
            PrimaryKey = primaryKey,
            ShardKey = placement.ShardKey,
            KeyColumns = KeyColumns(placement.ShardKey, primaryKey),
            KeyName = _statement.KeyName.Length > 0 ? _statement.KeyName : IndexDefinition.Limited(name, "_pkey"),
            Checks = Checks(),
        };
        BindExpressions(table);
        var edit = new CatalogEdit(_context.State);
        edit.Create(table, placement);
        _sequences.Put(edit, table.Id);
        table = WithIndexes(table, edit);
        foreach (ForeignKeyConstraint constraint in _statement.ForeignKeys)
        {
            ForeignKey key = new ForeignKeyDefinition(_context.Catalog, table).Of(constraint);
            table = table with { ForeignKeys = [.. table.ForeignKeys, key] };
        }

        edit.Put(table);
        edit.PutParents(table, []);
        return new PlannedDdl(edit.ToChange(), _notice);
    }

    /// <summary>A table is new, so that its indexes are whole: those of UNIQUE, and where the shard key is not part of
    /// the primary key, that of the primary key.</summary>
    private TableDescriptor WithIndexes(TableDescriptor table, CatalogEdit edit)
    {
        var definitions = new List<IndexDefinition>();
        if (!IndexDefinition.IsLocal(table, table.PrimaryKey) && !table.Columns[table.PrimaryKey[0]].Hidden)
        {
            definitions.Add(new IndexDefinition
            {
                Name = table.KeyName,
                IsUnique = true,
                IsConstraint = true,
                Columns = table.PrimaryKey,
            });
        }

        foreach (UniqueConstraint unique in _statement.Uniques)
        {
            var definition = new IndexDefinition
            {
                Name = unique.Name,
                Position = (int)unique.Position,
                IsUnique = true,
                IsConstraint = true,
                Columns = IndexDefinition.Resolve(_columns, unique.Columns),
            };
            if (unique.Name.Length > 0 || !IsKnown(table, definitions, definition.Columns))
            {
                definitions.Add(definition);
            }
        }

        foreach (IndexDefinition definition in definitions)
        {
            (table, string? notice) = definition.AddTo(table, edit, _context.Catalog);
            _notice ??= notice;
        }

        return table;
    }

    /// <summary>As in PostgreSQL, what is unique already gets no second index.</summary>
    private static bool IsKnown(
        TableDescriptor table, List<IndexDefinition> definitions, IReadOnlyList<int> columns)
    {
        bool known = System.Linq.Enumerable.SequenceEqual(table.PrimaryKey, columns);
        foreach (IndexDefinition definition in definitions)
        {
            known |= System.Linq.Enumerable.SequenceEqual(definition.Columns, columns);
        }

        return known;
    }

    private static List<int> KeyColumns(IReadOnlyList<int> shardKey, List<int> primaryKey)
    {
        var key = new List<int>(shardKey);
        foreach (int ordinal in primaryKey)
        {
            if (!key.Contains(ordinal))
            {
                key.Add(ordinal);
            }
        }

        return key;
    }

    private void AddColumns()
    {
        if (_statement.Columns.Count is 0 or > ColumnsMax)
        {
            throw new SqlException(SqlStates.TooManyColumns, string.Create(
                CultureInfo.InvariantCulture,
                $"a table has between 1 and {ColumnsMax} columns, not {_statement.Columns.Count}"));
        }

        foreach (ColumnDefinition definition in _statement.Columns)
        {
            if (definition.Name == TableDescriptor.HiddenKeyName)
            {
                throw new SqlException(
                    SqlStates.InvalidTableDefinition,
                    $"column name \"{definition.Name}\" is reserved for the key of tables without one",
                    (int)definition.Position);
            }

            if (Find(definition.Name) >= 0)
            {
                throw new SqlException(
                    SqlStates.DuplicateColumn,
                    $"column \"{definition.Name}\" specified more than once",
                    (int)definition.Position);
            }

            var column = new ColumnDescriptor(
                (uint)_columns.Count + 1, definition.Name, SqlType.FromMessage(definition.Type))
            {
                Nullable = !definition.NotNull,
                Default = definition.DefaultValue?.Nodes.Count > 0 ? definition.DefaultValue : null,
            };
            SequenceNames.RequireAll(_context.Catalog, column.Default);
            _columns.Add(definition.Sequence is { } sequence ? _sequences.Add(column, sequence) : column);
        }
    }

    private List<int> PrimaryKey()
    {
        if (_statement.PrimaryKey.Count > KeyColumnsMax)
        {
            throw new SqlException(
                SqlStates.TooManyColumns, $"a primary key has at most {KeyColumnsMax} columns");
        }

        List<int> key = KeyColumnLists.Resolve(_columns, _statement.PrimaryKey, "primary key");
        foreach (int ordinal in key)
        {
            _columns[ordinal] = _columns[ordinal] with { Nullable = false };
        }

        return key;
    }

    private List<TableCheck> Checks()
    {
        var checks = new List<TableCheck>(_statement.Checks.Count);
        foreach (CheckConstraint check in _statement.Checks)
        {
            foreach (TableCheck earlier in checks)
            {
                if (earlier.Name == check.Name)
                {
                    throw new SqlException(
                        SqlStates.DuplicateObject, $"constraint \"{check.Name}\" already exists", (int)check.Position);
                }
            }

            checks.Add(new TableCheck(check.Name, check.Condition));
        }

        return checks;
    }

    /// <summary>Binds defaults and checks, only to find what is wrong with them now rather than at the first row.
    /// </summary>
    private void BindExpressions(TableDescriptor table)
    {
        Binding constants = Binding.WithoutColumns(_context);
        foreach (ColumnDescriptor column in table.Columns)
        {
            if (column.Default is not null)
            {
                constants.CheckAssignment(column.Default, column);
            }
        }

        Binding rows = Binding.Of(_context, QuerySource.Of(table, string.Empty).Scope);
        foreach (TableCheck check in table.Checks)
        {
            _ = rows.BindCondition(check.Condition, "CHECK");
        }
    }

    private int Find(string name) => KeyColumnLists.Find(_columns, name);
}
