using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
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

    /// <summary>As <see cref="Require"/>, of a column that is assigned to: 428C9 for one that is GENERATED ALWAYS.</summary>
    public static int RequireAssigned(TableDescriptor table, Assignment assignment)
    {
        int ordinal = Require(table, assignment.Column);
        ColumnDescriptor column = table.Columns[ordinal];
        return column.Identity != IdentityKind.Always || Binding.IsDefault(assignment.Value)
            ? ordinal
            : throw new SqlException(
                SqlStates.GeneratedAlways,
                $"column \"{column.Name}\" can only be updated to DEFAULT",
                (int)assignment.Column.Position)
            {
                Detail = DetailOf(column),
                Table = table.Name,
                ColumnName = column.Name,
            };
    }

    /// <summary>428C9 where a value is given for a column that is GENERATED ALWAYS.</summary>
    public static void RequireGiven(TableDescriptor table, ColumnDescriptor column, Insert insert, uint position)
    {
        if (column.Identity == IdentityKind.Always && insert.Overriding == Overriding.Unspecified)
        {
            throw new SqlException(
                SqlStates.GeneratedAlways,
                $"cannot insert a non-DEFAULT value into column \"{column.Name}\"",
                (int)position)
            {
                Detail = DetailOf(column),
                Hint = "Use OVERRIDING SYSTEM VALUE to override.",
                Table = table.Name,
                ColumnName = column.Name,
            };
        }
    }

    /// <summary>What takes a number of a sequence for each row that an assignment is made to; null: nothing.</summary>
    public static Expression? NumbersOf(TableDescriptor table, Assignment assignment)
    {
        int ordinal = table.OrdinalOf(assignment.Column.Name);
        Expression? value = !Binding.IsDefault(assignment.Value) ? assignment.Value
            : ordinal < 0 ? null : table.Columns[ordinal].Default;
        return SequenceFunctions.ChangesIn(value) ? value : null;
    }

    /// <summary>Whether any of the assignments takes numbers of sequences.</summary>
    public static bool TakeNumbers(TableDescriptor table, IEnumerable<Assignment> assignments) =>
        assignments.Any(a => NumbersOf(table, a) is not null);

    private static string DetailOf(ColumnDescriptor column) =>
        $"Column \"{column.Name}\" is an identity column defined as GENERATED ALWAYS.";

    /// <summary>The error of a column that is named twice.</summary>
    public static SqlException Twice(ColumnName name) => new(
        SqlStates.DuplicateColumn, $"column \"{name.Name}\" specified more than once", (int)name.Position)
    {
        ColumnName = name.Name,
    };
}
