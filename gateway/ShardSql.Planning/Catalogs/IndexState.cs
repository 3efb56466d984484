namespace ShardSql.Planning.Catalogs;

/// <summary>How far an index is built; each step is a schema version of its table (architecture.md §2).</summary>
public enum IndexState : byte
{
    /// <summary>Writes remove entries and add none.</summary>
    DeleteOnly = 1,

    /// <summary>Writes keep entries; rows from before are being added.</summary>
    WriteOnly = 2,

    /// <summary>It is whole, and queries read it.</summary>
    Public = 3,
}
