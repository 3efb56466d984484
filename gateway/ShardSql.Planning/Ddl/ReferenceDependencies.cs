using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Catalogs;
using ShardSql.Sql;

namespace ShardSql.Planning.Ddl;

/// <summary>What foreign keys of other tables need: 2BP01 for a change that would take it away.</summary>
internal static class ReferenceDependencies
{
    /// <summary>Tables are dropped together.</summary>
    public static void CheckDrop(Catalog catalog, IReadOnlyList<TableDescriptor> dropped, int position)
    {
        foreach (TableDescriptor table in dropped)
        {
            foreach (Reference reference in catalog.ReferencesTo(table))
            {
                if (dropped.All(t => t.Id != reference.Child.Id))
                {
                    throw Needed($"table {table.Name}", $"table {table.Name}", reference, position);
                }
            }
        }
    }

    /// <summary>A unique index, or the constraint that it is of, goes from a table.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="table">The table without what has been dropped already.</param>
    /// <param name="index">The index that goes.</param>
    /// <param name="position">Where it is named.</param>
    public static void CheckIndex(Catalog catalog, TableDescriptor table, IndexDescriptor index, int position)
    {
        foreach (Reference reference in catalog.ReferencesTo(table))
        {
            bool isDropped = reference.Child.Id == table.Id && table.ForeignKeys.All(k => k.Name != reference.Key.Name);
            string[] keys = [.. ForeignKeyDefinition.UniqueKeys(reference.Parent, reference.ParentColumns)];
            if (!isDropped && keys is [var only] && only == index.Name)
            {
                string what = index.IsConstraint ? $"constraint {index.Name} on table {table.Name}" : $"index {index.Name}";
                throw Needed(what, $"index {index.Name}", reference, position);
            }
        }
    }

    private static SqlException Needed(string dropped, string needed, Reference reference, int position) => new(
        SqlStates.DependentObjectsStillExist,
        $"cannot drop {dropped} because other objects depend on it",
        position)
    {
        Detail = $"constraint {reference.Key.Name} on table {reference.Child.Name} depends on {needed}",
        Constraint = reference.Key.Name,
        Table = reference.Child.Name,
        Hint = $"ALTER TABLE {reference.Child.Name} DROP CONSTRAINT {reference.Key.Name} first.",
    };
}
