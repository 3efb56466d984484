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

/// <summary>Binds ON CONFLICT, which is about the primary key or unique indexes.</summary>
internal static class ConflictBinder
{
    private const string Excluded = "excluded";

    /// <summary>The plan; null: the insert has no such clause.</summary>
    public static BoundConflict? Bind(Insert insert, TableDescriptor table, Binding binding)
    {
        if (insert.OnConflict is not { } conflict)
        {
            return null;
        }

        Binding rows = binding.Over(Scope(insert, table));
        var plan = new ConflictPlan();
        var numbers = new SortedDictionary<uint, BoundExpression>();
        foreach (Assignment assignment in conflict.Assignments)
        {
            int ordinal = WriteColumns.RequireAssigned(table, assignment);
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

            ColumnDescriptor column = table.Columns[ordinal];
            if (WriteColumns.NumbersOf(table, assignment) is { } taken)
            {
                numbers[(uint)ordinal] = rows.BindAssignmentAsIs(taken, column);
                plan.Assignments.Add(new ColumnAssignment { Column = (uint)ordinal });
                continue;
            }

            plan.Assignments.Add(new ColumnAssignment
            {
                Column = (uint)ordinal,
                Value = ValueOf(assignment.Value, column, rows),
            });
        }

        if (conflict.Where?.Nodes.Count > 0)
        {
            plan.Filter = rows.ToBytes(rows.BindCondition(conflict.Where, "WHERE"));
        }

        return new BoundConflict(plan, numbers);
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

    /// <summary>The unique keys that the clause is about, each as the ordinals of its columns.</summary>
    public static IReadOnlyList<IReadOnlyList<int>> Arbiters(Insert insert, TableDescriptor table)
    {
        if (insert.OnConflict is not { } conflict)
        {
            return [];
        }

        var named = new SortedSet<int>();
        foreach (ColumnName column in conflict.Columns)
        {
            named.Add(WriteColumns.Require(table, column));
        }

        bool isAny = conflict.Columns.Count == 0 && conflict.Constraint.Length == 0;
        var arbiters = new List<IReadOnlyList<int>>();
        bool isHidden = table.Columns[table.PrimaryKey[0]].Hidden;
        if ((isAny && !isHidden) || (conflict.Constraint.Length > 0 ? conflict.Constraint == table.KeyName : named.SetEquals(table.PrimaryKey)))
        {
            arbiters.Add(table.PrimaryKey);
        }

        foreach (IndexDescriptor index in table.Indexes)
        {
            bool isMeant = isAny
                || (conflict.Constraint.Length > 0 ? index.IsConstraint && conflict.Constraint == index.Name : index.IsOver(named));
            if (index.IsUnique && index.IsReadable && isMeant && !arbiters.Any(a => a.SequenceEqual(index.Columns)))
            {
                arbiters.Add(index.Columns);
            }
        }

        if (isAny && arbiters.Count == 0)
        {
            arbiters.Add(table.PrimaryKey);
        }

        return arbiters.Count > 0
            ? arbiters
            : throw new SqlException(
                SqlStates.InvalidColumnReference,
                "there is no unique constraint matching the ON CONFLICT specification",
                (int)conflict.Position)
            {
                Table = table.Name,
                Hint = $"Name the columns of the primary key or of a unique index: {string.Join(", ", UniqueKeys(table))}.",
            };
    }

    private static IEnumerable<string> UniqueKeys(TableDescriptor table)
    {
        IEnumerable<IReadOnlyList<int>> keys =
            [table.PrimaryKey, .. table.Indexes.Where(static i => i.IsUnique && i.IsReadable).Select(static i => i.Columns)];
        return keys.Select(k => $"({string.Join(", ", k.Select(o => table.Columns[o].Name))})").Distinct();
    }
}
