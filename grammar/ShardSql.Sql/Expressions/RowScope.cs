using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Sql.Parsing;

namespace ShardSql.Sql.Expressions;

/// <summary>The columns of a row in order, from one table or several.</summary>
public sealed class RowScope(IReadOnlyList<ScopeColumn> columns) : IExpressionScope
{
    /// <summary>No columns: what LIMIT, DEFAULT and a SELECT without FROM see.</summary>
    public static RowScope Empty { get; } = new([]);

    /// <summary>The columns.</summary>
    public IReadOnlyList<ScopeColumn> Columns { get; } = columns;

    /// <inheritdoc />
    public ColumnBinding Resolve(string schema, string qualifier, string name, int position)
    {
        int found = -1;
        bool qualified = qualifier.Length == 0;
        for (int i = 0; i < Columns.Count; i++)
        {
            ScopeColumn column = Columns[i];
            if (!Matches(column, schema, qualifier))
            {
                continue;
            }

            qualified = true;
            if (!string.Equals(column.Name, name, StringComparison.Ordinal))
            {
                continue;
            }

            if (found >= 0)
            {
                throw new SqlException(
                    SqlStates.AmbiguousColumn, $"column reference \"{name}\" is ambiguous", position)
                {
                    ColumnName = name,
                    Hint = "Write the table's name or alias before it.",
                };
            }

            found = i;
        }

        return found >= 0
            ? new ColumnBinding(found, Columns[found].Type, Columns[found].IsNullable)
            : throw Unknown(schema, qualifier, name, position, qualified);
    }

    private static bool Matches(ScopeColumn column, string schema, string qualifier) =>
        (qualifier.Length == 0 || string.Equals(column.Qualifier, qualifier, StringComparison.Ordinal))
        && (schema.Length == 0 || string.Equals(column.Schema, schema, StringComparison.Ordinal));

    private SqlException Unknown(string schema, string qualifier, string name, int position, bool qualified)
    {
        if (!qualified)
        {
            string? table = Spelling.Nearest(qualifier, Columns.Select(c => c.Qualifier).Distinct());
            return new SqlException(
                SqlStates.UndefinedTable, $"missing FROM-clause entry for table \"{qualifier}\"", position)
            {
                Table = qualifier,
                Hint = table is null ? null : $"Did you mean \"{table}\"?",
            };
        }

        string? nearest = Spelling.Nearest(
            name, Columns.Where(c => Matches(c, schema, qualifier)).Select(c => c.Name));
        string shown = qualifier.Length == 0 ? name : $"{qualifier}.{name}";
        return new SqlException(SqlStates.UndefinedColumn, $"column \"{shown}\" does not exist", position)
        {
            ColumnName = name,
            Hint = nearest is null ? null : $"Did you mean \"{nearest}\"?",
        };
    }
}
