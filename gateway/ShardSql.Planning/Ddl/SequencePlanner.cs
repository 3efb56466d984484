using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Sql;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Ddl;

/// <summary>CREATE, ALTER and DROP SEQUENCE: a sequence is a row of the catalog, and one of how far it has come.</summary>
internal static class SequencePlanner
{
    /// <summary>CREATE SEQUENCE.</summary>
    public static PlannedDdl Create(PlanningContext context, CreateSequence statement)
    {
        SchemaNames.RequireUserSchema(statement.Sequence);
        string name = statement.Sequence.Name;
        if (context.Catalog.IsTaken(name))
        {
            return statement.IfNotExists
                ? new PlannedDdl(null, $"relation \"{name}\" already exists, skipping")
                : throw new SqlException(
                    SqlStates.DuplicateTable,
                    $"relation \"{name}\" already exists",
                    (int)statement.Sequence.Position);
        }

        var edit = new CatalogEdit(context.State);
        SequenceDescriptor sequence = SequenceDefinition.Of(edit.TakeTableId(), name, statement.Options);
        edit.Create(statement.Options.Owner is null
            ? sequence
            : SequenceOwners.Own(context.Catalog, sequence, statement.Options));
        return new PlannedDdl(edit.ToChange());
    }

    /// <summary>ALTER SEQUENCE.</summary>
    public static PlannedDdl Alter(PlanningContext context, AlterSequence statement)
    {
        SchemaNames.RequireUserSchema(statement.Sequence);
        TableName name = statement.Sequence;
        if (statement.IfExists && !context.Catalog.IsTaken(name.Name))
        {
            return new PlannedDdl(null, $"relation \"{name.Name}\" does not exist, skipping");
        }

        SequenceDescriptor sequence = context.Catalog.RequireSequence(name.Name, (int)name.Position);
        return new PlannedDdl(statement.NewName.Length > 0
            ? Rename(context, sequence, statement)
            : Change(context, sequence, statement));
    }

    /// <summary>Gateways give up the numbers that they hold once they know of the new generation.</summary>
    private static DdlChange Change(PlanningContext context, SequenceDescriptor sequence, AlterSequence statement)
    {
        var edit = new CatalogEdit(context.State);
        SequenceDescriptor next = sequence;
        if (statement.Options is { } options)
        {
            next = SequenceDefinition.With(sequence, options);
            next = options.Owner is null ? next : SequenceOwners.Own(context.Catalog, next, options);
        }

        bool givesOthers = next with
        {
            OwnerTableId = sequence.OwnerTableId,
            OwnerColumnId = sequence.OwnerColumnId,
        } != sequence;
        next = statement.Restarts || givesOthers ? next with { Generation = sequence.Generation + 1 } : next;
        if (!statement.Restarts)
        {
            edit.Put(next);
            return edit.ToChange();
        }

        long first = statement.HasRestart ? statement.Restart : next.Start;
        SequenceDefinition.RequireWithin(next, first, "RESTART", statement.Sequence.Position);
        edit.Restart(next, new SequenceState(first, IsCalled: false));
        return edit.ToChange();
    }

    /// <summary>Columns that take its numbers name it in their defaults.</summary>
    private static DdlChange Rename(PlanningContext context, SequenceDescriptor sequence, AlterSequence statement)
    {
        if (context.Catalog.IsTaken(statement.NewName))
        {
            throw new SqlException(
                SqlStates.DuplicateTable,
                $"relation \"{statement.NewName}\" already exists",
                (int)statement.Sequence.Position);
        }

        var edit = new CatalogEdit(context.State);
        edit.Put(sequence with { Name = statement.NewName });
        foreach (IGrouping<uint, (TableDescriptor Table, ColumnDescriptor Column)> users in
            SequenceNames.UsersOf(context.Catalog, sequence).GroupBy(static u => u.Table.Id))
        {
            TableDescriptor table = users.First().Table;
            foreach ((TableDescriptor _, ColumnDescriptor column) in users)
            {
                table = TableEdits.With(table, table.OrdinalOf(column.Id), column with
                {
                    Default = SequenceNames.Renamed(column.Default!, sequence.Name, statement.NewName),
                });
            }

            edit.Put(table with { Version = table.Version + 1 });
        }

        return edit.ToChange();
    }

    /// <summary>DROP SEQUENCE.</summary>
    public static PlannedDdl Drop(PlanningContext context, DropTable statement)
    {
        var dropped = new SortedDictionary<uint, SequenceDescriptor>();
        string? notice = null;
        foreach (TableName name in statement.Tables)
        {
            SchemaNames.RequireUserSchema(name);
            if (statement.IfExists && !context.Catalog.IsTaken(name.Name))
            {
                notice = $"sequence \"{name.Name}\" does not exist, skipping";
                continue;
            }

            if (context.Catalog.FindSequence(name.Name) is not { } sequence)
            {
                throw context.Catalog.IsTaken(name.Name)
                    ? new SqlException(
                        SqlStates.WrongObjectType, $"\"{name.Name}\" is not a sequence", (int)name.Position)
                    : new SqlException(
                        SqlStates.UndefinedTable, $"sequence \"{name.Name}\" does not exist", (int)name.Position);
            }

            SequenceDependencies.CheckDrop(context.Catalog, sequence, (int)name.Position);
            dropped[sequence.Id] = sequence;
        }

        var edit = new CatalogEdit(context.State);
        foreach (SequenceDescriptor sequence in dropped.Values)
        {
            edit.Drop(sequence);
        }

        return new PlannedDdl(dropped.Count == 0 ? null : edit.ToChange(), notice);
    }
}
