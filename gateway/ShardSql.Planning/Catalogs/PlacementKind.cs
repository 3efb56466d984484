namespace ShardSql.Planning.Catalogs;

/// <summary>How the rows of a table are placed (sql.md §2). The numbers are stored.</summary>
public enum PlacementKind
{
    /// <summary>By hash of the shard key, in 4096 buckets.</summary>
    Hash = 0,

    /// <summary>By ranges of the shard key.</summary>
    Range = 1,

    /// <summary>A full copy on every data shard.</summary>
    Reference = 2,

    /// <summary>All rows in one segment.</summary>
    Single = 3,
}
