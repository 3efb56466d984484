using System.Collections.Generic;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Plans;
using ShardSql.Sql;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Ddl;

/// <summary>CREATE, ALTER and DROP SEQUENCE: a sequence is a row of the catalog, and one of how far it has come.</summary>
internal static class SequencePlanner
{
    /// <summary>The change; null where the sequence is there already and that is fine.</summary>
    public static DdlChange? Create(PlanningContext context, CreateSequence statement)
    {
        SchemaNames.RequireUserSchema(statement.Sequence);
        string name = statement.Sequence.Name;
        if (context.Catalog.IsTaken(name))
        {
            return statement.IfNotExists
                ? null
                : throw new SqlException(
                    SqlStates.DuplicateTable,
                    $"relation \"{name}\" already exists",
                    (int)statement.Sequence.Position);
        }

        var edit = new CatalogEdit(context.State);
        edit.Put(SequenceDefinition.Of(edit.TakeTableId(), name, statement.Options));
        return edit.ToChange();
    }

    /// <summary>RESTART. Gateways give up the numbers that they hold once they know of the new generation.</summary>
    public static DdlChange? Alter(PlanningContext context, AlterSequence statement, out string? notice)
    {
        SchemaNames.RequireUserSchema(statement.Sequence);
        TableName name = statement.Sequence;
        notice = null;
        if (statement.IfExists && !context.Catalog.IsTaken(name.Name))
        {
            notice = $"relation \"{name.Name}\" does not exist, skipping";
            return null;
        }

        SequenceDescriptor sequence = context.Catalog.RequireSequence(name.Name, (int)name.Position);
        long next = statement.HasRestart ? statement.Restart : sequence.Start;
        SequenceDefinition.RequireWithin(sequence, next, "RESTART", name.Position);
        var edit = new CatalogEdit(context.State);
        edit.Restart(
            sequence with { Generation = sequence.Generation + 1 }, new SequenceState(next, IsCalled: false));
        return edit.ToChange();
    }

    /// <summary>The change; null where no sequence is there and IF EXISTS says that this is fine.</summary>
    public static DdlChange? Drop(PlanningContext context, DropTable statement, out string? notice)
    {
        var dropped = new SortedDictionary<uint, SequenceDescriptor>();
        notice = null;
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

        return dropped.Count == 0 ? null : edit.ToChange();
    }
}
