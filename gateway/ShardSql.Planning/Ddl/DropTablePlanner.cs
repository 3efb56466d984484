using System.Collections.Generic;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Ddl;

/// <summary>DROP TABLE: all the tables named, or none.</summary>
internal static class DropTablePlanner
{
    /// <summary>The change; null where no table is there and IF EXISTS says that this is fine.</summary>
    public static DdlChange? Plan(PlanningContext context, DropTable statement, out string? notice)
    {
        var tables = new List<TableDescriptor>(statement.Tables.Count);
        notice = null;
        foreach (TableName name in statement.Tables)
        {
            SchemaNames.RequireUserSchema(name);
            TableDescriptor? table = statement.IfExists && context.Catalog.FindSequence(name.Name) is null
                ? context.Catalog.Find(name.Name)
                : context.Catalog.Require(name.Name, (int)name.Position);
            if (table is null)
            {
                notice = $"table \"{name.Name}\" does not exist, skipping";
            }
            else if (!tables.Contains(ViewPlanner.RequireTable(table, name)))
            {
                tables.Add(table);
            }
        }

        SequenceDependencies.CheckDrop(context.Catalog, tables, (int)statement.Tables[0].Position);
        ReferenceDependencies.CheckDrop(context.Catalog, tables, (int)statement.Tables[0].Position);
        return tables.Count == 0 ? null : DdlChanges.Drop(context.State, tables);
    }
}
