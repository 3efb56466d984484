using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Spillover;

/// <summary>
/// The query that stands for a table whose columns spill over: its rows with what their deltas add, at one snapshot. Its last
/// column is NULL where a row has not spilled.
/// </summary>
internal static class ExactRows
{
    /// <summary>What the query calls the table itself.</summary>
    public const string BaseName = "base";

    /// <summary>What it calls the table of its deltas.</summary>
    public const string DeltasName = "deltas";

    /// <summary>The query.</summary>
    public static Select QueryOf(TableDescriptor table)
    {
        SpilloverDescriptor spillover = table.Spillover!;
        var text = new StringBuilder("SELECT ");
        foreach (ColumnDescriptor column in table.Columns)
        {
            string name = $"{BaseName}.{ExpressionPrinter.Quote(column.Name)}";
            int place = spillover.Columns.ToList().IndexOf(column.Id);
            text.Append(place < 0
                ? name
                : $"CAST({name} + COALESCE(sums.{DeltaTable.ValueName(place)}, 0) AS {column.Type})");
            text.Append(CultureInfo.InvariantCulture, $" AS {ExpressionPrinter.Quote(column.Name)}, ");
        }

        string keys = string.Join(", ", Enumerable.Range(0, table.KeyColumns.Count).Select(DeltaTable.KeyName));
        text.Append(CultureInfo.InvariantCulture, $"sums.{DeltaTable.KeyName(0)} FROM {BaseName} LEFT JOIN (SELECT {keys}");
        for (int i = 0; i < spillover.Columns.Count; i++)
        {
            string value = DeltaTable.ValueName(i);
            text.Append(CultureInfo.InvariantCulture, $", SUM({value}) AS {value}");
        }

        string slots = string.Join(", ", Enumerable.Range(0, spillover.SlotsRead));
        text.Append(
            CultureInfo.InvariantCulture,
            $" FROM {DeltasName} WHERE {DeltaTable.SlotName} IN ({slots}) GROUP BY {keys}) AS sums ON ");
        text.AppendJoin(" AND ", table.KeyColumns.Select((ordinal, place) =>
            $"sums.{DeltaTable.KeyName(place)} = {BaseName}.{ExpressionPrinter.Quote(table.Columns[ordinal].Name)}"));
        return SqlParser.Parse(text.ToString()).Statements[0].Select;
    }
}
