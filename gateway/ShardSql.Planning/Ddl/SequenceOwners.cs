using ShardSql.Planning.Catalogs;
using ShardSql.Sql;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Ddl;

/// <summary>OWNED BY: the column with which a sequence goes.</summary>
internal static class SequenceOwners
{
    /// <summary>The sequence with another owner, or with none.</summary>
    public static SequenceDescriptor Own(Catalog catalog, SequenceDescriptor sequence, SequenceOptions options)
    {
        SequenceOwner owner = options.Owner;
        RequireNoIdentity(catalog, sequence, (int)options.Position);
        if (owner.Table is null)
        {
            return sequence with { OwnerTableId = 0, OwnerColumnId = 0 };
        }

        SchemaNames.RequireUserSchema(owner.Table);
        TableDescriptor table = ViewPlanner.RequireTable(
            catalog.Require(owner.Table.Name, (int)owner.Table.Position), owner.Table);
        int column = Writes.WriteColumns.Require(table, owner.Column);
        return sequence with { OwnerTableId = table.Id, OwnerColumnId = table.Columns[column].Id };
    }

    private static void RequireNoIdentity(Catalog catalog, SequenceDescriptor sequence, int position)
    {
        if (catalog.Find(sequence.OwnerTableId) is { } table
            && table.OrdinalOf(sequence.OwnerColumnId) is >= 0 and int ordinal
            && table.Columns[ordinal].Identity != IdentityKind.None)
        {
            throw new SqlException(
                SqlStates.FeatureNotSupported,
                "cannot change ownership of identity sequence",
                position)
            {
                Detail = $"Sequence \"{sequence.Name}\" is linked to table \"{table.Name}\".",
                Hint = "CREATE SEQUENCE makes one that any column may own.",
                Table = table.Name,
            };
        }
    }
}
