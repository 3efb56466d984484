using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Sql;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Ddl;

/// <summary>CREATE INDEX, of which the statement makes the first step and a job the others, and DROP INDEX.</summary>
internal static class IndexPlanner
{
    /// <summary>The change that makes an index which writes remove entries from; null where it is there and IF NOT EXISTS
    /// says that this is fine.</summary>
    public static (DdlChange? Change, IndexTarget? Target, string? Notice) Create(
        PlanningContext context, CreateIndex statement)
    {
        SchemaNames.RequireUserSchema(statement.Table);
        TableDescriptor table = ViewPlanner.RequireTable(
            context.Catalog.Require(statement.Table.Name, (int)statement.Table.Position), statement.Table);
        if (statement.IfNotExists && statement.Name.Length > 0
            && context.Catalog.IsTaken(statement.Name))
        {
            return (null, null, $"relation \"{statement.Name}\" already exists, skipping");
        }

        var edit = new CatalogEdit(context.State);
        var definition = new IndexDefinition
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
        };
        (table, string? notice) = definition.AddTo(table with { Version = table.Version + 1 }, edit, context.Catalog);
        edit.Put(table);
        IndexDescriptor index = table.Indexes[^1];
        return (edit.ToChange(), new IndexTarget(table.Id, table.Name, index.Number, index.Name), notice);
    }

    /// <summary>The change that drops indexes; null where none is there and IF EXISTS says that this is fine.</summary>
    public static DdlChange? Drop(PlanningContext context, DropTable statement, out string? notice)
    {
        notice = null;
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

        return dropped.Count == 0 ? null : IndexChanges.Remove(state, dropped);
    }
}
