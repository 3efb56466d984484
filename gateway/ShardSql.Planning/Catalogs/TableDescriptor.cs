using System.Collections.Generic;
using ShardSql.Planning.Spillover;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Catalogs;

/// <summary>A table at one schema version: columns, keys, checks and placement. Immutable.</summary>
public sealed record TableDescriptor
{
    /// <summary>Name of the key column of a table that was made without a primary key.</summary>
    public const string HiddenKeyName = "_rowid";

    /// <summary>Bytes of a generated hidden key.</summary>
    public const int HiddenKeyLength = 16;

    /// <summary>Never reused; above <see cref="Catalog.FirstTableId"/>.</summary>
    public required uint Id { get; init; }

    /// <summary>As it compares: folded unless it was quoted.</summary>
    public required string Name { get; init; }

    /// <summary>Schema version, from 1; each change of the table raises it, and shards refuse plans of older ones.</summary>
    public uint Version { get; init; } = 1;

    /// <summary>The colocation group: tables of one group share segments.</summary>
    public required uint GroupId { get; init; }

    /// <summary>How rows are placed.</summary>
    public required PlacementKind Placement { get; init; }

    /// <summary>The columns in order; their ordinals are what bound expressions name.</summary>
    public required IReadOnlyList<ColumnDescriptor> Columns { get; init; }

    /// <summary>Ordinals of the primary key as declared, the hidden key where none was.</summary>
    public required IReadOnlyList<int> PrimaryKey { get; init; }

    /// <summary>Ordinals of the shard key; empty for REFERENCE and SINGLE.</summary>
    public required IReadOnlyList<int> ShardKey { get; init; }

    /// <summary>Ordinals of the columns in row-key order: shard key, then the rest of the primary key.</summary>
    public required IReadOnlyList<int> KeyColumns { get; init; }

    /// <summary>Constraint name of the primary key.</summary>
    public required string KeyName { get; init; }

    /// <summary>The CHECK constraints in the order written.</summary>
    public IReadOnlyList<TableCheck> Checks { get; init; } = [];

    /// <summary>The foreign keys in the order written.</summary>
    public IReadOnlyList<ForeignKey> ForeignKeys { get; init; } = [];

    /// <summary>The id of the next column; 0: the one after the last. Kept where that one has been dropped, whose values
    /// may still be in rows.</summary>
    public uint NextColumnId { get; init; }

    /// <summary>The indexes in the order of their numbers.</summary>
    public IReadOnlyList<IndexDescriptor> Indexes { get; init; } = [];

    /// <summary>The number of the next index.</summary>
    public uint NextIndexNumber { get; init; } = 1;

    /// <summary>The table whose GLOBAL index this one's rows are the entries of; 0: it is no such table. Its columns are
    /// those that entries hold, then the row's key there.</summary>
    public uint IndexOf { get; init; }

    /// <summary>How changes of its columns spill over; null: they do not.</summary>
    public SpilloverDescriptor? Spillover { get; init; }

    /// <summary>The table whose deltas this one's rows are; 0: it is no such table.</summary>
    public uint DeltasOf { get; init; }

    /// <summary>Whether its last column shows when a row was committed: deltas that are put in order have such a column.</summary>
    public bool IsStamped => DeltasOf != 0 && Columns[^1].Name == DeltaTable.StampName;

    /// <summary>Whether statements cannot name it: its rows belong to those of another table.</summary>
    public bool IsHidden => OwnerId != 0;

    /// <summary>The table that its rows belong to; 0: to none.</summary>
    public uint OwnerId => IndexOf != 0 ? IndexOf : DeltasOf;

    /// <summary>The query of a view; null: a table. A view has neither columns nor rows of its own.</summary>
    public ViewQuery? View { get; init; }

    /// <summary>The ordinal of a visible column; −1 where there is none.</summary>
    public int OrdinalOf(string name)
    {
        for (int i = 0; i < Columns.Count; i++)
        {
            if (!Columns[i].Hidden && Columns[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The ordinal of the column of an id; −1 where there is none.</summary>
    public int OrdinalOf(uint id)
    {
        for (int i = 0; i < Columns.Count; i++)
        {
            if (Columns[i].Id == id)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The index of a name; null where there is none.</summary>
    public IndexDescriptor? FindIndex(string name)
    {
        foreach (IndexDescriptor index in Indexes)
        {
            if (index.Name == name)
            {
                return index;
            }
        }

        return null;
    }

    /// <summary>The types of the row-key columns, in key order.</summary>
    public IReadOnlyList<SqlType> KeyTypes()
    {
        var types = new SqlType[KeyColumns.Count];
        for (int i = 0; i < types.Length; i++)
        {
            types[i] = Columns[KeyColumns[i]].Type;
        }

        return types;
    }
}
