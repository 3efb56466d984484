using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.ForeignKeys;
using ShardSql.Sql;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Ddl;

/// <summary>A foreign key as a statement asks for it, and what becomes of it in the catalog.</summary>
/// <param name="catalog">The catalog.</param>
/// <param name="child">The table that refers, as it is so far.</param>
internal sealed class ForeignKeyDefinition(Catalog catalog, TableDescriptor child)
{
    /// <summary>The foreign key.</summary>
    public ForeignKey Of(ForeignKeyConstraint constraint)
    {
        SchemaNames.RequireUserSchema(constraint.Table);
        bool isSelf = constraint.Table.Name == child.Name;
        TableDescriptor parent = isSelf
            ? child
            : ViewPlanner.RequireTable(
                catalog.Require(constraint.Table.Name, (int)constraint.Table.Position), constraint.Table);
        if (constraint.Columns.Count > ForeignKeyLimits.ColumnsMax)
        {
            throw new SqlException(
                SqlStates.TooManyColumns,
                string.Create(
                    CultureInfo.InvariantCulture, $"a foreign key has at most {ForeignKeyLimits.ColumnsMax} columns"),
                (int)constraint.Position);
        }

        List<int> columns = KeyColumnLists.Resolve(child.Columns, constraint.Columns, "foreign key");
        IReadOnlyList<int> referenced = Referenced(constraint, parent);
        if (columns.Count != referenced.Count)
        {
            throw new SqlException(
                SqlStates.InvalidForeignKey,
                "number of referencing and referenced columns for foreign key disagree",
                (int)constraint.Position);
        }

        string name = NameOf(constraint, columns);
        RequireTypes(name, columns, parent, referenced, (int)constraint.Position);
        return new ForeignKey
        {
            Name = name,
            Columns = [.. columns.Select(c => child.Columns[c].Id)],
            ParentId = parent.Id,
            ParentColumns = [.. referenced.Select(c => parent.Columns[c].Id)],
            IsMatchFull = constraint.MatchFull,
            OnDelete = constraint.OnDelete,
            OnUpdate = constraint.OnUpdate,
        };
    }

    /// <summary>Whether some constraint of a table has a name.</summary>
    public static bool IsTaken(TableDescriptor table, string name) =>
        table.KeyName == name || table.FindIndex(name) is { IsConstraint: true }
        || table.Checks.Any(c => c.Name == name) || table.ForeignKeys.Any(k => k.Name == name);

    /// <summary>The unique keys of a table over some columns in any order: the primary key's name first, then those of
    /// indexes.</summary>
    public static IEnumerable<string> UniqueKeys(TableDescriptor table, IReadOnlyList<int> columns)
    {
        var wanted = new SortedSet<int>(columns);
        if (wanted.SetEquals(table.PrimaryKey) && !table.Columns[table.PrimaryKey[0]].Hidden)
        {
            yield return table.KeyName;
        }

        foreach (IndexDescriptor index in table.Indexes)
        {
            if (index.IsUnique && index.IsReadable && index.IsOver(wanted) && index.Name != table.KeyName)
            {
                yield return index.Name;
            }
        }
    }

    private static IReadOnlyList<int> Referenced(ForeignKeyConstraint constraint, TableDescriptor parent)
    {
        if (constraint.Referenced.Count == 0)
        {
            return parent.Columns[parent.PrimaryKey[0]].Hidden
                ? throw new SqlException(
                    SqlStates.UndefinedObject,
                    $"there is no primary key for referenced table \"{parent.Name}\"",
                    (int)constraint.Table.Position)
                {
                    Table = parent.Name,
                    Hint = "Name the columns of a UNIQUE constraint of that table.",
                }
                : parent.PrimaryKey;
        }

        List<int> referenced = KeyColumnLists.Resolve(parent.Columns, constraint.Referenced, "referenced table");
        return UniqueKeys(parent, referenced).Any()
            ? referenced
            : throw new SqlException(
                SqlStates.InvalidForeignKey,
                $"there is no unique constraint matching given keys for referenced table \"{parent.Name}\"",
                (int)constraint.Referenced[0].Position)
            {
                Table = parent.Name,
                Hint = "Refer to its primary key, or to columns that a UNIQUE constraint or index of that table is about.",
            };
    }

    private void RequireTypes(
        string name, List<int> columns, TableDescriptor parent, IReadOnlyList<int> referenced, int position)
    {
        for (int i = 0; i < columns.Count; i++)
        {
            ColumnDescriptor own = child.Columns[columns[i]];
            ColumnDescriptor theirs = parent.Columns[referenced[i]];
            if (!ReferenceKeys.AreComparable(own.Type, theirs.Type))
            {
                throw new SqlException(
                    SqlStates.DatatypeMismatch, $"foreign key constraint \"{name}\" cannot be implemented", position)
                {
                    Detail = $"Key columns \"{own.Name}\" of the referencing table and \"{theirs.Name}\" of the referenced "
                        + $"table are of incompatible types: {StandardTypes.NameOf(own.Type)} and "
                        + $"{StandardTypes.NameOf(theirs.Type)}.",
                    Hint = $"Make \"{own.Name}\" of the type of \"{theirs.Name}\".",
                    Constraint = name,
                    Table = child.Name,
                    ColumnName = own.Name,
                };
            }
        }
    }

    private string NameOf(ForeignKeyConstraint constraint, List<int> columns)
    {
        if (constraint.Name.Length > 0)
        {
            return !IsTaken(child, constraint.Name)
                ? constraint.Name
                : throw new SqlException(
                    SqlStates.DuplicateObject,
                    $"constraint \"{constraint.Name}\" for relation \"{child.Name}\" already exists",
                    (int)constraint.Position)
                {
                    Constraint = constraint.Name,
                };
        }

        var stem = new StringBuilder(child.Name);
        foreach (int ordinal in columns)
        {
            stem.Append('_').Append(child.Columns[ordinal].Name);
        }

        string name = IndexDefinition.Limited(stem.ToString(), "_fkey");
        for (int i = 1; IsTaken(child, name); i++)
        {
            name = IndexDefinition.Limited(stem.ToString(), "_fkey" + i.ToString(CultureInfo.InvariantCulture));
        }

        return name;
    }
}
