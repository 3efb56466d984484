using System.Collections.Generic;
using ShardSql.Planning.Catalogs;

namespace ShardSql.Planning.Access;

/// <summary>
/// An index as a table whose key is the indexed columns, by their ordinals in the table that it is of: so conditions on
/// that table become keys and ranges of entries as they become those of rows.
/// </summary>
internal static class IndexKeys
{
    /// <summary>Stands for what follows the columns in the keys of entries: no condition is about it.</summary>
    private const int RowSuffix = -1;

    /// <summary>The table of its keys. Whole keys of a unique index are those of its columns.</summary>
    public static TableDescriptor Of(TableDescriptor table, IndexDescriptor index, Catalog catalog)
    {
        List<int> key = [.. index.Columns];
        if (!index.IsUnique)
        {
            key.Add(RowSuffix);
        }

        return index.IsGlobal
            ? catalog.Find(index.EntriesTableId)! with { KeyColumns = key, ShardKey = index.Columns }
            : table with { KeyColumns = key, ShardKey = [], Placement = PlacementKind.Range };
    }

    /// <summary>The table in whose key order the entries come, those of a GLOBAL index bucket by bucket. Entries may be equal
    /// in all columns where one is NULL.</summary>
    public static TableDescriptor OrderOf(TableDescriptor table, IndexDescriptor index) => table with
    {
        KeyColumns = [.. index.Columns, RowSuffix],
        ShardKey = index.IsGlobal ? index.Columns : [],
        Placement = index.IsGlobal ? PlacementKind.Hash : PlacementKind.Range,
    };
}
