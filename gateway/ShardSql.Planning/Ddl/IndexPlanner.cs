using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Planning.Spillover;
using ShardSql.Sql;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Ddl;

/// <summary>CREATE INDEX, of which the statement makes the first step and a job the others, and DROP INDEX.</summary>
internal static class IndexPlanner
{
    /// <summary>CREATE INDEX: its first step.</summary>
    public static PlannedDdl Create(PlanningContext context, CreateIndex statement)
    {
        SchemaNames.RequireUserSchema(statement.Table);
        TableDescriptor table = ViewPlanner.RequireTable(
            context.Catalog.Require(statement.Table.Name, (int)statement.Table.Position), statement.Table);
        if (statement.IfNotExists && statement.Name.Length > 0
            && context.Catalog.IsTaken(statement.Name))
        {
            return new PlannedDdl(null, $"relation \"{statement.Name}\" already exists, skipping");
        }

        return Begin(context, table, new IndexDefinition
        {
            Name = statement.Name,
            Position = (int)(statement.NamePosition > 0 ? statement.NamePosition : statement.Table.Position),
            IsUnique = statement.Unique,
            Scope = statement.Scope,
            Columns = IndexDefinition.Resolve(table.Columns, statement.Columns),
            Storing = statement.Storing.Count == 0
                ? []
                : [.. statement.Storing.Select(name => Writes.WriteColumns.Require(table, name))],
            State = IndexState.DeleteOnly,
        });
    }

    /// <summary>The change that adds an index which writes remove entries from, and what a job is to build.</summary>
    public static PlannedDdl Begin(PlanningContext context, TableDescriptor table, IndexDefinition definition)
    {
        var edit = new CatalogEdit(context.State);
        (table, string? notice) = definition.AddTo(table with { Version = table.Version + 1 }, edit, context.Catalog);
        SpillableColumns.RequireStill(table, Binding.WithoutColumns(context), definition.Position);
        edit.Put(table);
        IndexDescriptor index = table.Indexes[^1];
        return new PlannedDdl(edit.ToChange(), notice)
        {
            Builds = new IndexTarget(table.Id, table.Name, index.Number, index.Name),
        };
    }

    /// <summary>DROP INDEX.</summary>
    public static PlannedDdl Drop(PlanningContext context, DropTable statement)
    {
        string? notice = null;
        SystemState state = context.State;
        var dropped = new SortedDictionary<uint, SortedSet<uint>>();
        foreach (TableName name in statement.Tables)
        {
            SchemaNames.RequireUserSchema(name);
            if (context.Catalog.TableOfIndex(name.Name) is not { } table)
            {
                notice = statement.IfExists
                    ? $"index \"{name.Name}\" does not exist, skipping"
                    : throw new SqlException(
                        SqlStates.UndefinedObject, $"index \"{name.Name}\" does not exist", (int)name.Position);
                continue;
            }

            IndexDescriptor index = table.FindIndex(name.Name)!;
            if (index.IsConstraint)
            {
                throw new SqlException(
                    SqlStates.DependentObjectsStillExist,
                    $"cannot drop index {index.Name} because constraint {index.Name} on table {table.Name} requires it",
                    (int)name.Position)
                {
                    Table = table.Name,
                    Constraint = index.Name,
                    Hint = $"ALTER TABLE {table.Name} DROP CONSTRAINT {index.Name} drops both.",
                };
            }

            ReferenceDependencies.CheckIndex(context.Catalog, table, index, (int)name.Position);
            if (!dropped.TryGetValue(table.Id, out SortedSet<uint>? numbers))
            {
                numbers = [];
                dropped.Add(table.Id, numbers);
            }

            numbers.Add(index.Number);
        }

        return new PlannedDdl(dropped.Count == 0 ? null : IndexChanges.Remove(state, dropped), notice);
    }
}
