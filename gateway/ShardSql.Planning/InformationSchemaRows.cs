using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Relations;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>Rows of <see cref="InformationSchema"/>, from the catalog alone.</summary>
/// <param name="state">Catalog and map.</param>
/// <param name="database">The cluster's database: the catalog of the standard.</param>
public sealed class InformationSchemaRows(SystemState state, string database)
{
    private const string Yes = "YES";
    private const string No = "NO";
    private const string Check = "CHECK";

    private readonly List<SqlValue[]> _rows = [];

    /// <summary>The rows of a table of the schema.</summary>
    public static IReadOnlyList<SqlValue[]> Of(VirtualTable table, SystemState state, string database)
    {
        ArgumentNullException.ThrowIfNull(table);
        var made = new InformationSchemaRows(state, database);
        if (table == InformationSchema.Schemata)
        {
            made.AddSchemata();
        }
        else if (table == InformationSchema.Sequences)
        {
            foreach (VirtualRow row in SequenceRows.Standard(state.Catalog, database))
            {
                made.Add(row);
            }
        }
        else if (table == InformationSchema.Tables)
        {
            made.AddTables();
        }
        else if (table == InformationSchema.Columns)
        {
            made.AddColumns();
        }
        else if (table == InformationSchema.Views)
        {
            made.AddViews();
        }
        else
        {
            made.AddConstraints(table);
        }

        return made._rows;
    }

    private void AddSchemata()
    {
        foreach (string schema in (string[])[InformationSchema.Schema, SchemaNames.Public, VirtualTables.Schema])
        {
            Add(new VirtualRow(InformationSchema.Schemata)
                .Set(("catalog_name", database), ("schema_name", schema), ("schema_owner", "shardsql")));
        }
    }

    private void AddTables()
    {
        foreach (TableDescriptor table in state.Catalog.Tables)
        {
            AddTable(SchemaNames.Public, table.Name, table.View is null ? "BASE TABLE" : "VIEW", table.View is null);
        }

        foreach (VirtualTable table in VirtualTables.All)
        {
            AddTable(table.Schema, table.Name, "VIEW", false);
        }
    }

    private void AddTable(string schema, string name, string type, bool isWritable) =>
        Add(Named(InformationSchema.Tables, schema, name).Set(
            ("table_type", type), ("is_insertable_into", isWritable ? Yes : No), ("is_typed", No)));

    private void AddViews()
    {
        foreach (TableDescriptor table in state.Catalog.Tables)
        {
            if (table.View is { } view)
            {
                Add(Named(InformationSchema.Views, SchemaNames.Public, table.Name).Set(
                    ("view_definition", view.Text.Length == 0 ? null : view.Text),
                    ("check_option", "NONE"),
                    ("is_updatable", No),
                    ("is_insertable_into", No),
                    ("is_trigger_updatable", No),
                    ("is_trigger_deletable", No),
                    ("is_trigger_insertable_into", No)));
            }
        }
    }

    private void AddColumns()
    {
        foreach (TableDescriptor table in state.Catalog.Tables)
        {
            int place = 0;
            foreach (ColumnDescriptor column in table.Columns)
            {
                if (!column.Hidden)
                {
                    bool isIdentity = column.Identity != IdentityKind.None;
                    string? given = column.Default is null || isIdentity ? null : ExpressionPrinter.Print(column.Default);
                    VirtualRow row = ColumnRow(SchemaNames.Public, table.Name, column.Name, column.Type, ++place, true)
                        .Set(("column_default", given), ("is_nullable", column.Nullable ? Yes : No));
                    Add(isIdentity ? SequenceRows.SetIdentity(row, state.Catalog, table, column) : row);
                }
            }

            foreach (RelationColumn column in table.View is null ? [] : ColumnsOf(table))
            {
                Add(ColumnRow(SchemaNames.Public, table.Name, column.Name, column.Type, ++place, false)
                    .Set(("is_nullable", Yes)));
            }
        }

        foreach (VirtualTable table in VirtualTables.All)
        {
            int place = 0;
            foreach (VirtualColumn column in table.Columns)
            {
                Add(ColumnRow(table.Schema, table.Name, column.Name, column.Type, ++place, false)
                    .Set(("is_nullable", Yes)));
            }
        }
    }

    /// <summary>A view is bound anew wherever it is read; one whose tables are gone has no columns to show.</summary>
    private List<RelationColumn> ColumnsOf(TableDescriptor table)
    {
        ViewQuery view = table.View!;
        var context = new PlanningContext
        {
            State = state,
            NextId = static () => new byte[TableDescriptor.HiddenKeyLength],
            NextDelta = static () => 0,
        };
        try
        {
            BoundRelation relation = new QueryRelationBinder(new RelationBuild(context), null, null).Bind(view.Query);
            return FromBinder.Rename(relation.Columns, table.Name, view.Columns, 0);
        }
        catch (SqlException)
        {
            return [];
        }
    }

    private VirtualRow ColumnRow(
        string schema, string table, string column, SqlType type, int place, bool isWritable)
    {
        (int? Precision, int? Radix, int? Scale) number = NumberOf(type);
        return Named(InformationSchema.Columns, schema, table).Set(
                ("column_name", column),
                ("data_type", StandardTypes.NameOf(type)),
                ("udt_catalog", database),
                ("udt_schema", "pg_catalog"),
                ("udt_name", StandardTypes.ShortNameOf(type)),
                ("dtd_identifier", place.ToString(System.Globalization.CultureInfo.InvariantCulture)),
                ("is_self_referencing", No),
                ("is_identity", No),
                ("identity_cycle", No),
                ("is_generated", "NEVER"),
                ("is_updatable", isWritable ? Yes : No))
            .Set("ordinal_position", place)
            .Set("character_maximum_length", type.Length > 0 ? type.Length : null)
            .Set("character_octet_length", type.Kind == SqlKind.Text
                ? StandardTypes.OctetLengthOf(type.Length)
                : null)
            .Set("numeric_precision", number.Precision)
            .Set("numeric_precision_radix", number.Radix)
            .Set("numeric_scale", number.Scale)
            .Set("datetime_precision", type.Kind == SqlKind.Date ? 0 : type.IsTemporal ? 6 : null);
    }

    private static (int? Precision, int? Radix, int? Scale) NumberOf(SqlType type) => type.Kind switch
    {
        SqlKind.Int16 => (16, 2, 0),
        SqlKind.Int32 => (32, 2, 0),
        SqlKind.Int64 => (64, 2, 0),
        SqlKind.Real => (24, 2, null),
        SqlKind.Double => (53, 2, null),
        SqlKind.Decimal when type.Precision > 0 => (type.Precision, 10, type.Scale),
        SqlKind.Decimal => (null, 10, null),
        _ => (null, null, null),
    };

    private void AddConstraints(VirtualTable wanted)
    {
        foreach (TableDescriptor table in state.Catalog.Tables)
        {
            if (table.View is null)
            {
                AddKey(wanted, table);
                AddUniques(wanted, table);
                new ForeignKeyRows(state.Catalog, database, _rows).Add(wanted, table);
                AddNotNulls(wanted, table);
                foreach (TableCheck check in table.Checks)
                {
                    AddConstraint(
                        wanted, table, check.Name, Check, ExpressionPrinter.Print(check.Condition), ReadBy(check, table));
                }
            }
        }
    }

    private void AddKey(VirtualTable wanted, TableDescriptor table)
    {
        var columns = new List<string>(table.PrimaryKey.Count);
        foreach (int ordinal in table.PrimaryKey)
        {
            if (table.Columns[ordinal].Hidden)
            {
                return;
            }

            columns.Add(table.Columns[ordinal].Name);
        }

        AddConstraint(wanted, table, table.KeyName, "PRIMARY KEY", null, columns);
    }

    private void AddUniques(VirtualTable wanted, TableDescriptor table)
    {
        foreach (IndexDescriptor index in table.Indexes)
        {
            if (index.IsConstraint)
            {
                AddConstraint(
                    wanted, table, index.Name, "UNIQUE", null, [.. index.Columns.Select(i => table.Columns[i].Name)]);
            }
        }
    }

    /// <summary>As the standard has it, NOT NULL is a CHECK without a name of its own.</summary>
    private void AddNotNulls(VirtualTable wanted, TableDescriptor table)
    {
        foreach (ColumnDescriptor column in table.Columns)
        {
            if (!column.Nullable && !column.Hidden)
            {
                AddConstraint(
                    wanted,
                    table,
                    $"{table.Name}_{column.Name}_not_null",
                    Check,
                    $"{ExpressionPrinter.Quote(column.Name)} IS NOT NULL",
                    [column.Name]);
            }
        }
    }

    private void AddConstraint(
        VirtualTable wanted, TableDescriptor table, string name, string type, string? condition, List<string> columns)
    {
        if (wanted == InformationSchema.TableConstraints)
        {
            Add(Constraint(wanted, name, table.Name).Set(
                ("constraint_type", type), ("is_deferrable", No), ("initially_deferred", No), ("enforced", Yes)));
        }
        else if (wanted == InformationSchema.CheckConstraints && condition is not null)
        {
            Add(Constraint(wanted, name, null).Set(("check_clause", condition)));
        }
        else if (wanted == InformationSchema.ConstraintColumnUsage)
        {
            foreach (string column in columns)
            {
                Add(Constraint(wanted, name, table.Name).Set(("column_name", column)));
            }
        }
        else if (wanted == InformationSchema.KeyColumnUsage && condition is null)
        {
            for (int i = 0; i < columns.Count; i++)
            {
                Add(Constraint(wanted, name, table.Name)
                    .Set(("column_name", columns[i])).Set("ordinal_position", i + 1));
            }
        }
    }

    private static List<string> ReadBy(TableCheck check, TableDescriptor table)
    {
        var names = new List<string>();
        foreach (ColumnDescriptor column in table.Columns)
        {
            bool isRead = false;
            foreach (ExpressionNode node in check.Condition.Nodes)
            {
                isRead |= node.Op == ExpressionOp.Column && node.Name == column.Name;
            }

            if (isRead)
            {
                names.Add(column.Name);
            }
        }

        return names;
    }

    private VirtualRow Named(VirtualTable table, string schema, string name) => new VirtualRow(table)
        .Set(("table_catalog", database), ("table_schema", schema), ("table_name", name));

    private VirtualRow Constraint(VirtualTable wanted, string name, string? table)
    {
        VirtualRow row = table is null ? new VirtualRow(wanted) : Named(wanted, SchemaNames.Public, table);
        return row.Set(
            ("constraint_catalog", database),
            ("constraint_schema", SchemaNames.Public),
            ("constraint_name", name));
    }

    private void Add(VirtualRow row) => _rows.Add(row.ToArray());
}
