using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Ddl;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>The foreign keys of tables as rows of <see cref="InformationSchema"/>.</summary>
/// <param name="catalog">The tables.</param>
/// <param name="database">The cluster's database: the catalog of the standard.</param>
/// <param name="rows">Where the rows go.</param>
internal sealed class ForeignKeyRows(Catalog catalog, string database, List<SqlValue[]> rows)
{
    /// <summary>Adds the rows that a table of the schema has of a table's foreign keys.</summary>
    public void Add(VirtualTable wanted, TableDescriptor table)
    {
        foreach (Reference reference in catalog.ReferencesOf(table))
        {
            if (wanted == InformationSchema.TableConstraints)
            {
                rows.Add(Row(wanted, reference.Key.Name, table.Name).Set(
                    ("constraint_type", "FOREIGN KEY"),
                    ("is_deferrable", "NO"),
                    ("initially_deferred", "NO"),
                    ("enforced", "YES")).ToArray());
            }
            else if (wanted == InformationSchema.ReferentialConstraints)
            {
                AddRules(reference);
            }
            else if (wanted == InformationSchema.KeyColumnUsage)
            {
                AddColumns(reference);
            }
            else if (wanted == InformationSchema.ConstraintColumnUsage)
            {
                foreach (int column in reference.ParentColumns)
                {
                    rows.Add(Row(wanted, reference.Key.Name, reference.Parent.Name)
                        .Set(("column_name", reference.Parent.Columns[column].Name)).ToArray());
                }
            }
        }
    }

    private void AddRules(Reference reference) =>
        rows.Add(Row(InformationSchema.ReferentialConstraints, reference.Key.Name, null).Set(
            ("unique_constraint_catalog", database),
            ("unique_constraint_schema", SchemaNames.Public),
            ("unique_constraint_name", ForeignKeyDefinition.UniqueKeys(reference.Parent, reference.ParentColumns).First()),
            ("match_option", reference.Key.IsMatchFull ? "FULL" : "NONE"),
            ("update_rule", RuleOf(reference.Key.OnUpdate)),
            ("delete_rule", RuleOf(reference.Key.OnDelete))).ToArray());

    private void AddColumns(Reference reference)
    {
        List<int> unique = UniqueColumns(reference);
        for (int i = 0; i < reference.Columns.Count; i++)
        {
            rows.Add(Row(InformationSchema.KeyColumnUsage, reference.Key.Name, reference.Child.Name)
                .Set(("column_name", reference.Child.Columns[reference.Columns[i]].Name))
                .Set("ordinal_position", i + 1)
                .Set("position_in_unique_constraint", unique.IndexOf(reference.ParentColumns[i]) + 1)
                .ToArray());
        }
    }

    private static List<int> UniqueColumns(Reference reference)
    {
        string name = ForeignKeyDefinition.UniqueKeys(reference.Parent, reference.ParentColumns).First();
        return [.. name == reference.Parent.KeyName
            ? reference.Parent.PrimaryKey
            : reference.Parent.FindIndex(name)!.Columns];
    }

    private VirtualRow Row(VirtualTable wanted, string constraint, string? table)
    {
        VirtualRow row = new VirtualRow(wanted).Set(
            ("constraint_catalog", database),
            ("constraint_schema", SchemaNames.Public),
            ("constraint_name", constraint));
        return table is null
            ? row
            : row.Set(("table_catalog", database), ("table_schema", SchemaNames.Public), ("table_name", table));
    }

    /// <summary>An action in the words of the standard.</summary>
    public static string RuleOf(ReferentialAction action) => action switch
    {
        ReferentialAction.Cascade => "CASCADE",
        ReferentialAction.SetNull => "SET NULL",
        ReferentialAction.SetDefault => "SET DEFAULT",
        ReferentialAction.Restrict => "RESTRICT",
        _ => "NO ACTION",
    };
}
