using System.Collections.Generic;

namespace ShardSql.Planning.Catalogs;

/// <summary>An index of a table at one schema version. Immutable.</summary>
public sealed record IndexDescriptor
{
    /// <summary>In its table, from 1, never reused.</summary>
    public required uint Number { get; init; }

    /// <summary>As it compares; no table and no other index has it.</summary>
    public required string Name { get; init; }

    /// <summary>Whether values may be there once only. NULLs do not count.</summary>
    public bool IsUnique { get; init; }

    /// <summary>Whether a constraint of the table made it: it goes with that.</summary>
    public bool IsConstraint { get; init; }

    /// <summary>How far it is built.</summary>
    public IndexState State { get; init; } = IndexState.Public;

    /// <summary>Ordinals of the indexed columns in order.</summary>
    public required IReadOnlyList<int> Columns { get; init; }

    /// <summary>Ordinals of all columns whose values an entry holds: indexed, of the key, and those of STORING.</summary>
    public required IReadOnlyList<int> Stored { get; init; }

    /// <summary>The hidden table whose rows are the entries of a GLOBAL index; 0: entries live beside their rows.</summary>
    public uint EntriesTableId { get; init; }

    /// <summary>Whether its entries are placed by their own values.</summary>
    public bool IsGlobal => EntriesTableId != 0;

    /// <summary>Whether queries may read it.</summary>
    public bool IsReadable => State == IndexState.Public;

    /// <summary>Whether an entry holds a column's value.</summary>
    public bool Holds(int ordinal) => Contains(Stored, ordinal);

    /// <summary>Whether it is over exactly these columns.</summary>
    public bool IsOver(ICollection<int> columns)
    {
        System.ArgumentNullException.ThrowIfNull(columns);
        foreach (int column in Columns)
        {
            if (!columns.Contains(column))
            {
                return false;
            }
        }

        return columns.Count == Columns.Count;
    }

    private static bool Contains(IReadOnlyList<int> ordinals, int ordinal)
    {
        foreach (int known in ordinals)
        {
            if (known == ordinal)
            {
                return true;
            }
        }

        return false;
    }
}
