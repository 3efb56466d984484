using System.Collections.Generic;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Writes;

/// <summary>Columns that a write names.</summary>
internal static class WriteColumns
{
    /// <summary>The ordinal of a column: 42703 with the nearest name where there is none.</summary>
    public static int Require(TableDescriptor table, ColumnName name)
    {
        int ordinal = table.OrdinalOf(name.Name);
        if (ordinal >= 0)
        {
            return ordinal;
        }

        var names = new List<string>(table.Columns.Count);
        foreach (ColumnDescriptor column in table.Columns)
        {
            if (!column.Hidden)
            {
                names.Add(column.Name);
            }
        }

        throw new SqlException(
            SqlStates.UndefinedColumn,
            $"column \"{name.Name}\" of table \"{table.Name}\" does not exist",
            (int)name.Position)
        {
            Hint = NearestName.Hint(name.Name, names),
            Table = table.Name,
            ColumnName = name.Name,
        };
    }

    /// <summary>The error of a column that is named twice.</summary>
    public static SqlException Twice(ColumnName name) => new(
        SqlStates.DuplicateColumn, $"column \"{name.Name}\" specified more than once", (int)name.Position)
    {
        ColumnName = name.Name,
    };
}
