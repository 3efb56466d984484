using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.ForeignKeys;
using ShardSql.Planning.Plans;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Ddl;

/// <summary>The rows that stand against a foreign key which is added to a table.</summary>
/// <param name="context">What the tables are before the change.</param>
/// <param name="before">The table before the change.</param>
/// <param name="after">The table after it.</param>
internal sealed class ForeignKeyChecks(PlanningContext context, TableDescriptor before, TableDescriptor after)
{
    /// <summary>The queries for them.</summary>
    public IEnumerable<DdlCheck> Of(ForeignKey key)
    {
        TableDescriptor parent = key.ParentId == before.Id ? before : context.Catalog.Find(key.ParentId)!;
        var reference = new Reference(after, key, key.ParentId == after.Id ? after : parent);
        string[] values = [.. key.Columns.Select(ValueOf)];
        string isWhole = string.Join(" AND ", values.Select(static v => $"{v} IS NOT NULL"));
        if (key.IsMatchFull && values.Length > 1)
        {
            string isNothing = string.Join(" AND ", values.Select(static v => $"{v} IS NULL"));
            yield return new DdlCheck(
                Query($"SELECT 1 FROM {Named(before)} AS c WHERE NOT ({isWhole}) AND NOT ({isNothing}) LIMIT 1"),
                _ => ForeignKeyErrors.Mixed(reference));
        }

        string[] parents = [.. key.ParentColumns.Select(c => $"p.{ExpressionPrinter.Quote(NameOf(parent, c))}")];
        string joined = string.Join(" AND ", values.Zip(parents, static (v, p) => $"{v} = {p}"));
        yield return new DdlCheck(
            Query($"SELECT {string.Join(", ", values)} FROM {Named(before)} AS c LEFT JOIN {Named(parent)} AS p ON {joined} "
                + $"WHERE {isWhole} AND {parents[0]} IS NULL LIMIT 1"),
            row => ForeignKeyErrors.NoParent(reference, row));
    }

    private StatementPlan Query(string text) => Planner.Plan(SqlParser.Parse(text).Statements[0], context);

    /// <summary>A column of rows from before; one that is added with the key holds its default in them.</summary>
    private string ValueOf(uint column)
    {
        if (before.OrdinalOf(column) >= 0)
        {
            return $"c.{ExpressionPrinter.Quote(NameOf(before, column))}";
        }

        ColumnDescriptor added = after.Columns[after.OrdinalOf(column)];
        string type = StandardTypes.NameOf(added.Type);
        return added.MissingValue.IsNull
            ? $"CAST(NULL AS {type})"
            : $"CAST({ExpressionPrinter.Print(Binding.Literal(SqlValue.FromText(added.MissingValue.ToText())))} AS {type})";
    }

    private static string Named(TableDescriptor table) => ExpressionPrinter.Quote(table.Name);

    private static string NameOf(TableDescriptor table, uint column) => table.Columns[table.OrdinalOf(column)].Name;
}
