using System.Collections.Generic;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Catalogs;

/// <summary>A foreign key of a table at one schema version. Columns are named by their ids, which renaming and dropping of
/// others leave as they are. Immutable.</summary>
public sealed record ForeignKey
{
    /// <summary>As it compares; no other constraint of the table has it.</summary>
    public required string Name { get; init; }

    /// <summary>Ids of the columns that refer.</summary>
    public required IReadOnlyList<uint> Columns { get; init; }

    /// <summary>The table that they refer to.</summary>
    public required uint ParentId { get; init; }

    /// <summary>Ids of that table's columns, one for each that refers; together they are unique.</summary>
    public required IReadOnlyList<uint> ParentColumns { get; init; }

    /// <summary>Whether all columns are NULL or none (MATCH FULL); else one that is NULL refers to nothing.</summary>
    public bool IsMatchFull { get; init; }

    /// <summary>What becomes of rows whose parent is deleted.</summary>
    public ReferentialAction OnDelete { get; init; }

    /// <summary>What becomes of rows whose parent's key changes.</summary>
    public ReferentialAction OnUpdate { get; init; }

    /// <summary>The ordinals of columns of these ids.</summary>
    public static int[] OrdinalsOf(TableDescriptor table, IReadOnlyList<uint> ids)
    {
        System.ArgumentNullException.ThrowIfNull(table);
        System.ArgumentNullException.ThrowIfNull(ids);
        int[] ordinals = new int[ids.Count];
        for (int i = 0; i < ordinals.Length; i++)
        {
            ordinals[i] = table.OrdinalOf(ids[i]);
            Primitives.Invariant.Check(ordinals[i] >= 0, "A foreign key names columns that are there.");
        }

        return ordinals;
    }
}
