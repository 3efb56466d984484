namespace ShardSql.Planning.Catalogs;

/// <summary>Which rows of a table take deltas (sharding.md §4).</summary>
public enum SpilloverTrigger : byte
{
    /// <summary>Those that were named.</summary>
    Manual,

    /// <summary>Each from the first statement on that could be a delta of it.</summary>
    Always,

    /// <summary>Those that were named, and others while they are hot.</summary>
    Auto,
}
