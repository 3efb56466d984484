using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Ddl;

/// <summary>Makes the next version of a table's descriptor.</summary>
internal static class TableEdits
{
    /// <summary>The id of a column that is added: ids of dropped ones are in rows still.</summary>
    public static uint NextColumnId(TableDescriptor table)
    {
        uint next = Math.Max(table.NextColumnId, 1);
        foreach (ColumnDescriptor column in table.Columns)
        {
            next = Math.Max(next, column.Id + 1);
        }

        return next;
    }

    /// <summary>The names of the visible columns.</summary>
    public static IEnumerable<string> NamesOf(TableDescriptor table)
    {
        foreach (ColumnDescriptor column in table.Columns)
        {
            if (!column.Hidden)
            {
                yield return column.Name;
            }
        }
    }

    /// <summary>The table with another column in a place.</summary>
    public static TableDescriptor With(TableDescriptor table, int ordinal, ColumnDescriptor column)
    {
        ColumnDescriptor[] columns = [.. table.Columns];
        columns[ordinal] = column;
        return table with { Columns = columns };
    }

    /// <summary>Whether a column is part of the primary key or places the rows.</summary>
    public static bool IsOfKey(TableDescriptor table, int ordinal) =>
        Contains(table.PrimaryKey, ordinal) || Contains(table.KeyColumns, ordinal);

    /// <summary>The table without a column, and without the CHECKs and foreign keys that are about it.</summary>
    public static TableDescriptor WithoutColumn(TableDescriptor table, int ordinal, int position)
    {
        string name = table.Columns[ordinal].Name;
        int visible = 0;
        foreach (string unused in NamesOf(table))
        {
            visible++;
        }

        if (IsOfKey(table, ordinal) || visible == 1)
        {
            throw new SqlException(
                SqlStates.FeatureNotSupported,
                visible == 1
                    ? $"column \"{name}\" is the only one of table \"{table.Name}\""
                    : $"column \"{name}\" is part of the key of table \"{table.Name}\" and cannot be dropped",
                position)
            {
                Hint = "Make another table and INSERT ... SELECT into it.",
            };
        }

        RequireNoIndex(table, ordinal, position);
        var columns = new List<ColumnDescriptor>(table.Columns);
        columns.RemoveAt(ordinal);
        var checks = new List<TableCheck>();
        foreach (TableCheck check in table.Checks)
        {
            bool reads = false;
            foreach (ExpressionNode node in check.Condition.Nodes)
            {
                reads |= node.Op == ExpressionOp.Column && node.Name == name;
            }

            if (!reads)
            {
                checks.Add(check);
            }
        }

        uint id = table.Columns[ordinal].Id;
        return table with
        {
            Columns = columns,
            Checks = checks,
            ForeignKeys = [.. table.ForeignKeys.Where(k => !k.Columns.Contains(id))],
            NextColumnId = NextColumnId(table),
            PrimaryKey = Shifted(table.PrimaryKey, ordinal),
            ShardKey = Shifted(table.ShardKey, ordinal),
            KeyColumns = Shifted(table.KeyColumns, ordinal),
            Indexes = Shifted(table.Indexes, ordinal),
        };
    }

    /// <summary>The hidden table of an index's entries with the names that the columns have now; null: it has them.</summary>
    public static TableDescriptor? Renamed(TableDescriptor entries, TableDescriptor table, IndexDescriptor index)
    {
        ColumnDescriptor[] columns = [.. entries.Columns];
        bool isRenamed = false;
        for (int i = 0; i < index.Stored.Count; i++)
        {
            string name = table.Columns[index.Stored[i]].Name;
            isRenamed |= columns[i].Name != name;
            columns[i] = columns[i] with { Name = name };
        }

        return isRenamed ? entries with { Version = entries.Version + 1, Columns = columns } : null;
    }

    /// <summary>CHECKs with their columns named anew.</summary>
    public static IReadOnlyList<TableCheck> Rewritten(IReadOnlyList<TableCheck> checks, Action<ExpressionNode> change)
    {
        var rewritten = new List<TableCheck>(checks.Count);
        foreach (TableCheck check in checks)
        {
            Expression condition = check.Condition.Clone();
            foreach (ExpressionNode node in condition.Nodes)
            {
                if (node.Op == ExpressionOp.Column)
                {
                    change(node);
                }
            }

            rewritten.Add(check with { Condition = condition });
        }

        return rewritten;
    }

    /// <summary>What rows from before hold in a new column: its default, the same for all.</summary>
    public static SqlValue ValueOfEarlierRows(ColumnDescriptor column, PlanningContext context)
    {
        if (column.Default is not { } given)
        {
            return SqlValue.NullOf(column.Type.Kind);
        }

        Binding binding = Binding.WithoutColumns(context);
        binding.CheckAssignment(given, column);
        return binding.EvaluateAssignment(binding.Fold(given), column);
    }

    private static void RequireNoIndex(TableDescriptor table, int ordinal, int position)
    {
        foreach (IndexDescriptor index in table.Indexes)
        {
            if (index.Holds(ordinal))
            {
                string kind = index.IsConstraint ? "constraint" : "index";
                throw new SqlException(
                    SqlStates.DependentObjectsStillExist,
                    $"cannot drop column {table.Columns[ordinal].Name} of table {table.Name} because {kind} {index.Name} "
                    + "depends on it",
                    position)
                {
                    Table = table.Name,
                    ColumnName = table.Columns[ordinal].Name,
                    Hint = index.IsConstraint
                        ? $"ALTER TABLE {table.Name} DROP CONSTRAINT {index.Name} first."
                        : $"DROP INDEX {index.Name} first.",
                };
            }
        }
    }

    private static IndexDescriptor[] Shifted(IReadOnlyList<IndexDescriptor> indexes, int dropped)
    {
        var shifted = new IndexDescriptor[indexes.Count];
        for (int i = 0; i < shifted.Length; i++)
        {
            shifted[i] = indexes[i] with
            {
                Columns = Shifted(indexes[i].Columns, dropped),
                Stored = Shifted(indexes[i].Stored, dropped),
            };
        }

        return shifted;
    }

    private static int[] Shifted(IReadOnlyList<int> ordinals, int dropped)
    {
        int[] shifted = new int[ordinals.Count];
        for (int i = 0; i < shifted.Length; i++)
        {
            shifted[i] = ordinals[i] > dropped ? ordinals[i] - 1 : ordinals[i];
        }

        return shifted;
    }

    private static bool Contains(IReadOnlyList<int> ordinals, int ordinal)
    {
        foreach (int one in ordinals)
        {
            if (one == ordinal)
            {
                return true;
            }
        }

        return false;
    }
}
