using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Catalogs;

namespace ShardSql.Planning.ForeignKeys;

/// <summary>The columns of a table that foreign keys are about.</summary>
internal static class ReferenceColumns
{
    /// <summary>Whether a change of some columns changes what refers, or what is referred to.</summary>
    public static bool Depend(TableDescriptor table, IReadOnlyList<int> assigned, Catalog catalog) =>
        catalog.ReferencesOf(table).Any(r => r.Columns.Any(assigned.Contains))
        || catalog.ReferencesTo(table).Any(r => r.ParentColumns.Any(assigned.Contains));
}
