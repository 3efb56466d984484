using System.Collections.Generic;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Ddl;

/// <summary>Lists of column names in the keys of a definition.</summary>
internal static class KeyColumnLists
{
    /// <summary>The ordinals of the named columns: 42703 for an unknown one, 42701 for one named twice, 42P16 for one
    /// whose type cannot be in a key.</summary>
    public static List<int> Resolve(
        IReadOnlyList<ColumnDescriptor> columns, IReadOnlyList<ColumnName> names, string what)
    {
        var ordinals = new List<int>(names.Count);
        foreach (ColumnName name in names)
        {
            int ordinal = Find(columns, name.Name);
            if (ordinal < 0)
            {
                throw new SqlException(
                    SqlStates.UndefinedColumn,
                    $"column \"{name.Name}\" named in the {what} does not exist",
                    (int)name.Position)
                {
                    Hint = NearestName.Hint(name.Name, NamesOf(columns)),
                };
            }

            if (ordinals.Contains(ordinal))
            {
                throw new SqlException(
                    SqlStates.DuplicateColumn,
                    $"column \"{name.Name}\" appears twice in the {what}",
                    (int)name.Position);
            }

            if (columns[ordinal].Type.Kind == SqlKind.Json)
            {
                throw new SqlException(
                    SqlStates.InvalidTableDefinition,
                    $"column \"{name.Name}\" of type json cannot be in the {what}",
                    (int)name.Position);
            }

            ordinals.Add(ordinal);
        }

        return ordinals;
    }

    /// <summary>The ordinal of a column; −1 where there is none.</summary>
    public static int Find(IReadOnlyList<ColumnDescriptor> columns, string name)
    {
        for (int i = 0; i < columns.Count; i++)
        {
            if (columns[i].Name == name && !columns[i].Hidden)
            {
                return i;
            }
        }

        return -1;
    }

    private static IEnumerable<string> NamesOf(IReadOnlyList<ColumnDescriptor> columns)
    {
        foreach (ColumnDescriptor column in columns)
        {
            if (!column.Hidden)
            {
                yield return column.Name;
            }
        }
    }
}
