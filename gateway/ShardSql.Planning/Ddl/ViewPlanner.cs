using System.Collections.Generic;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Relations;
using ShardSql.Sql;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Ddl;

/// <summary>CREATE VIEW and DROP VIEW: a view is a row of the catalog, bound anew wherever it is read.</summary>
internal static class ViewPlanner
{
    /// <summary>CREATE VIEW.</summary>
    public static PlannedDdl Create(PlanningContext context, CreateView statement)
    {
        SchemaNames.RequireUserSchema(statement.View);
        string name = statement.View.Name;
        if (context.Catalog.IsTaken(name))
        {
            return statement.IfNotExists
                ? new PlannedDdl(null, $"view \"{name}\" already exists, skipping")
                : throw new SqlException(
                    SqlStates.DuplicateTable, $"\"{name}\" already exists", (int)statement.View.Position)
                {
                    Table = name,
                };
        }

        // What is wrong with the query is said now, not when it is read first.
        BoundRelation relation = new QueryRelationBinder(new RelationBuild(context), null, null).Bind(statement.Query);
        _ = FromBinder.Rename(relation.Columns, name, statement.Columns, statement.View.Position);
        var view = new TableDescriptor
        {
            Id = context.Catalog.Header.NextTableId,
            Name = name,
            GroupId = 0,
            Placement = PlacementKind.Single,
            Columns = [],
            PrimaryKey = [],
            ShardKey = [],
            KeyColumns = [],
            KeyName = string.Empty,
            View = new ViewQuery(statement.Query, statement.Columns, statement.Text),
        };
        return new PlannedDdl(
            DdlChanges.Create(context.State, view, new PlacementPlan(PlacementKind.Single, 0, [], [])));
    }

    /// <summary>DROP VIEW.</summary>
    public static PlannedDdl Drop(PlanningContext context, DropTable statement)
    {
        var views = new List<TableDescriptor>(statement.Tables.Count);
        string? notice = null;
        foreach (TableName name in statement.Tables)
        {
            SchemaNames.RequireUserSchema(name);
            TableDescriptor? view = statement.IfExists
                ? context.Catalog.Find(name.Name)
                : context.Catalog.Require(name.Name, (int)name.Position);
            if (view is null)
            {
                notice = $"view \"{name.Name}\" does not exist, skipping";
                continue;
            }

            if (view.View is null)
            {
                throw new SqlException(
                    SqlStates.WrongObjectType, $"\"{name.Name}\" is not a view", (int)name.Position)
                {
                    Hint = "Use DROP TABLE to remove a table.",
                };
            }

            if (!views.Contains(view))
            {
                views.Add(view);
            }
        }

        return new PlannedDdl(views.Count == 0 ? null : DdlChanges.Drop(context.State, views), notice);
    }

    /// <summary>42809 where a statement needs a table and names a view.</summary>
    public static TableDescriptor RequireTable(TableDescriptor table, TableName name) => table.View is null
        ? table
        : throw new SqlException(SqlStates.WrongObjectType, $"\"{table.Name}\" is a view", (int)name.Position)
        {
            Hint = "Write to the tables that it reads; DROP VIEW removes it.",
            Table = table.Name,
        };
}
