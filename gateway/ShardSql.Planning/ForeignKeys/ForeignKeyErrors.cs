using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.ForeignKeys;

/// <summary>The errors of foreign keys, in PostgreSQL's words.</summary>
internal static class ForeignKeyErrors
{
    /// <summary>A row refers to what is not there.</summary>
    public static SqlException NoParent(Reference reference, IReadOnlyList<SqlValue> values) => Child(
        reference,
        $"Key {KeyText(reference.Child, reference.Columns, values)} is not present in table \"{reference.Parent.Name}\".");

    /// <summary>A row refers with some of its columns only.</summary>
    public static SqlException Mixed(Reference reference) =>
        Child(reference, "MATCH FULL does not allow mixing of null and nonnull key values.");

    /// <summary>What goes is referred to still.</summary>
    public static SqlException StillReferenced(Reference reference, IReadOnlyList<SqlValue> values) => new(
        SqlStates.ForeignKeyViolation,
        $"update or delete on table \"{reference.Parent.Name}\" violates foreign key constraint "
        + $"\"{reference.Key.Name}\" on table \"{reference.Child.Name}\"")
    {
        Detail = $"Key {KeyText(reference.Parent, reference.ParentColumns, values)} is still referenced from table "
            + $"\"{reference.Child.Name}\".",
        Constraint = reference.Key.Name,
        Table = reference.Child.Name,
    };

    private static SqlException Child(Reference reference, string detail) => new(
        SqlStates.ForeignKeyViolation,
        $"insert or update on table \"{reference.Child.Name}\" violates foreign key constraint \"{reference.Key.Name}\"")
    {
        Detail = detail,
        Constraint = reference.Key.Name,
        Table = reference.Child.Name,
        ColumnName = reference.Columns.Count == 1 ? reference.Child.Columns[reference.Columns[0]].Name : null,
    };

    private static string KeyText(TableDescriptor table, IReadOnlyList<int> columns, IReadOnlyList<SqlValue> values) =>
        Execution.ConstraintErrors.KeyText([.. columns.Select(c => table.Columns[c].Name)], values);
}
