using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

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
            string name = NameOf(column);
            int place = spillover.Columns.ToList().IndexOf(column.Id);
            text.Append(place < 0 ? name : ValueOf(table, column, place));
            text.Append(CultureInfo.InvariantCulture, $" AS {ExpressionPrinter.Quote(column.Name)}, ");
        }

        string keys = string.Join(", ", Enumerable.Range(0, table.KeyColumns.Count).Select(DeltaTable.KeyName));
        text.Append(CultureInfo.InvariantCulture, $"sums.{DeltaTable.KeyName(0)} FROM {BaseName} LEFT JOIN (SELECT {keys}");
        text.Append(spillover.Policy is SpilloverPolicy.LastWrite or SpilloverPolicy.Timestamp
            ? $", MAX({PlaceOf(string.Empty)}) AS last"
            : string.Concat(Enumerable.Range(0, spillover.Columns.Count).Select(place => Sum(spillover, DeltaTable.ValueName(place)))));
        string slots = string.Join(", ", Enumerable.Range(0, spillover.SlotsRead));
        text.Append(
            CultureInfo.InvariantCulture,
            $" FROM {DeltasName} WHERE {DeltaTable.SlotName} IN ({slots}) GROUP BY {keys}) AS sums ON {AreOf(table, "sums")}");
        if (spillover.Policy is SpilloverPolicy.LastWrite or SpilloverPolicy.Timestamp)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $" LEFT JOIN {DeltasName} AS won ON won.{DeltaTable.SlotName} IN ({slots}) AND {AreOf(table, "won")} AND {PlaceOf("won.")} = sums.last");
        }

        return SqlParser.Parse(text.ToString()).Statements[0].Select;
    }

    private static string NameOf(ColumnDescriptor column) => $"{BaseName}.{ExpressionPrinter.Quote(column.Name)}";

    /// <summary>What the row and its deltas come to. Of equal times the one of the delta holds, which came later.</summary>
    private static string ValueOf(TableDescriptor table, ColumnDescriptor column, int place)
    {
        string name = NameOf(column);
        string value = DeltaTable.ValueName(place);
        SpilloverDescriptor spillover = table.Spillover!;
        return spillover.Policy switch
        {
            SpilloverPolicy.Append => $"COALESCE({name} || sums.{value}, {name})",
            SpilloverPolicy.LastWrite => $"CASE WHEN sums.last IS NULL THEN {name} ELSE CAST(won.{value} AS {column.Type}) END",
            SpilloverPolicy.Timestamp =>
                $"CASE WHEN won.{DeltaTable.ValueName(spillover.Columns.Count - 1)} >= {NameOf(table.Columns[table.OrdinalOf(spillover.By!.Value)])} "
                + $"THEN CAST(won.{value} AS {column.Type}) ELSE {name} END",

            // Of any number of digits: what deltas come to is shown even where the column cannot hold it.
            _ => $"CAST({name} + COALESCE(sums.{value}, 0) AS {new SqlType(column.Type.Kind)})",
        };
    }

    private static string Sum(SpilloverDescriptor spillover, string value) => spillover.Policy == SpilloverPolicy.Append
        ? $", string_agg({value}, '' ORDER BY {DeltaTable.StampName}, {DeltaTable.IdName}) AS {value}"
        : $", SUM({value}) AS {value}";

    /// <summary>Where a delta is in the order; NULL for a header.</summary>
    private static string PlaceOf(string part) =>
        $"{part}{DeltaTable.RankName} || {part}{DeltaTable.StampName} || {part}{DeltaTable.IdName}";

    private static string AreOf(TableDescriptor table, string part) => string.Join(" AND ", table.KeyColumns.Select((ordinal, place) =>
        $"{part}.{DeltaTable.KeyName(place)} = {NameOf(table.Columns[ordinal])}"));
}
