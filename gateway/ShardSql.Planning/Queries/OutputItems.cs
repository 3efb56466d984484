using System.Collections.Generic;
using System.Globalization;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Queries;

/// <summary>Select lists and RETURNING: stars expanded, and what the result's header says of each column.</summary>
internal static class OutputItems
{
    private const string NoName = "?column?";

    /// <summary>The items with stars expanded.</summary>
    public static List<OutputItem> Expand(IReadOnlyList<SelectItem> items, QuerySource source)
    {
        var expanded = new List<OutputItem>(items.Count);
        foreach (SelectItem item in items)
        {
            if (!item.Star)
            {
                string name = item.Name.Length > 0 ? item.Name : item.Alias.Length > 0 ? item.Alias : NoName;
                expanded.Add(new OutputItem(item.Expression, name, item.AliasQuoted));
                continue;
            }

            if (source == QuerySource.None)
            {
                throw new SqlException(
                    SqlStates.SyntaxError, "SELECT * needs a FROM clause", (int)item.Position);
            }

            if (item.StarQualifier.Length > 0 && item.StarQualifier != source.Qualifier)
            {
                throw new SqlException(
                    SqlStates.UndefinedTable,
                    $"missing FROM-clause entry for table \"{item.StarQualifier}\"",
                    (int)item.Position)
                {
                    Hint = NearestName.Hint(item.StarQualifier, [source.Qualifier]),
                };
            }

            expanded.AddRange(source.Star());
        }

        CheckCount(expanded.Count, "columns of a result");
        return expanded;
    }

    /// <summary>54011 for more than a row may bring.</summary>
    public static void CheckCount(int count, string what)
    {
        if (count > SqlLimits.MaxResultColumns)
        {
            throw new SqlException(SqlStates.TooManyColumns, string.Create(
                CultureInfo.InvariantCulture, $"{count} {what} exceed {SqlLimits.MaxResultColumns}"));
        }
    }

    /// <summary>The header's column of an item.</summary>
    public static ResultColumn Describe(OutputItem item, SqlType type, bool nullable, QuerySource source)
    {
        // PostgreSQL: a column of no type is text.
        SqlType shown = type.Kind == SqlKind.Null ? SqlType.Text : type;
        var column = new ResultColumn(item.Name, shown) { Nullable = nullable };
        if (item.Expression.Nodes.Count != 1 || item.Expression.Nodes[0].Op != ExpressionOp.Column)
        {
            return column;
        }

        int ordinal = source.OrdinalOf(item.Expression.Nodes[0]);
        if (ordinal < 0)
        {
            return column;
        }

        return column with
        {
            Table = source.Table?.Name ?? string.Empty,
            BaseColumn = item.Expression.Nodes[0].Name,
            IsKey = source.Table is { } table && IsKeyColumn(table, ordinal),
            IsAutoIncrement = source.Table?.Columns[ordinal].IsAutoIncrement ?? false,
        };
    }

    private static bool IsKeyColumn(TableDescriptor table, int ordinal)
    {
        foreach (int key in table.PrimaryKey)
        {
            if (key == ordinal)
            {
                return true;
            }
        }

        return false;
    }
}
