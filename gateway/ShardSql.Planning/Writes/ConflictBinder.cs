using System.Collections.Generic;
using System.Linq;
using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Writes;

/// <summary>Binds ON CONFLICT, which is about the primary key.</summary>
internal static class ConflictBinder
{
    private const string Excluded = "excluded";

    /// <summary>The plan; null: the insert has no such clause.</summary>
    public static ConflictPlan? Bind(Insert insert, TableDescriptor table, Binding binding)
    {
        if (insert.OnConflict is not { } conflict)
        {
            return null;
        }

        RequirePrimaryKey(conflict, table);
        Binding rows = binding.Over(Scope(insert, table));
        var plan = new ConflictPlan();
        foreach (Assignment assignment in conflict.Assignments)
        {
            int ordinal = WriteColumns.Require(table, assignment.Column);
            if (table.KeyColumns.Contains(ordinal))
            {
                throw new SqlException(
                    SqlStates.FeatureNotSupported,
                    "ON CONFLICT DO UPDATE of a key column is not supported",
                    (int)assignment.Column.Position)
                {
                    Hint = "UPDATE the key in a statement of its own.",
                    Table = table.Name,
                    ColumnName = table.Columns[ordinal].Name,
                };
            }

            plan.Assignments.Add(new ColumnAssignment
            {
                Column = (uint)ordinal,
                Value = ValueOf(assignment.Value, table.Columns[ordinal], rows),
            });
        }

        if (conflict.Where?.Nodes.Count > 0)
        {
            plan.Filter = rows.ToBytes(rows.BindCondition(conflict.Where, "WHERE"));
        }

        return plan;
    }

    private static ByteString ValueOf(Expression value, ColumnDescriptor column, Binding rows)
    {
        if (!Binding.IsDefault(value))
        {
            return rows.ToBytes(rows.BindAssignment(value, column));
        }

        Expression written = column.Default ?? Binding.Literal(SqlValue.NullOf(column.Type.Kind));
        return rows.ToBytes(rows.Over(RowScope.Empty).BindAssignment(written, column));
    }

    /// <summary>The row that is there under the table's name, then the proposed one as "excluded".</summary>
    private static RowScope Scope(Insert insert, TableDescriptor table)
    {
        string name = insert.Alias.Length > 0 ? insert.Alias : table.Name;
        return new RowScope([.. Columns(table, name), .. Columns(table, Excluded)]);
    }

    /// <summary>No name reaches a hidden column.</summary>
    private static IEnumerable<ScopeColumn> Columns(TableDescriptor table, string qualifier) => table.Columns.Select(
        c => new ScopeColumn(qualifier, c.Hidden ? string.Empty : c.Name, c.Type, c.Nullable));

    private static void RequirePrimaryKey(OnConflict conflict, TableDescriptor table)
    {
        var named = new SortedSet<int>();
        foreach (ColumnName column in conflict.Columns)
        {
            named.Add(WriteColumns.Require(table, column));
        }

        bool isAny = conflict.Columns.Count == 0 && conflict.Constraint.Length == 0;
        bool isKey = conflict.Constraint.Length > 0
            ? conflict.Constraint == table.KeyName
            : named.SetEquals(table.PrimaryKey);
        if (!isAny && !isKey)
        {
            throw new SqlException(
                SqlStates.InvalidColumnReference,
                "there is no unique constraint matching the ON CONFLICT specification",
                (int)conflict.Position)
            {
                Table = table.Name,
                Hint = $"ON CONFLICT is served for the primary key: "
                    + $"({string.Join(", ", table.PrimaryKey.Select(k => table.Columns[k].Name))}).",
            };
        }
    }
}
