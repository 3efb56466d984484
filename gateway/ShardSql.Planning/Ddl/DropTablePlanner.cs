using System.Collections.Generic;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Ddl;

/// <summary>DROP TABLE: all the tables named, or none.</summary>
internal static class DropTablePlanner
{
    /// <summary>The change.</summary>
    public static PlannedDdl Plan(PlanningContext context, DropTable statement)
    {
        var tables = new List<TableDescriptor>(statement.Tables.Count);
        string? notice = null;
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
        return new PlannedDdl(tables.Count == 0 ? null : DdlChanges.Drop(context.State, tables), notice);
    }
}
