namespace ShardSql.Planning.Catalogs;

/// <summary>What deltas of a row come to (sharding.md §4).</summary>
public enum SpilloverPolicy : byte
{
    /// <summary>They are added up.</summary>
    Sum = 0,

    /// <summary>They are added up, and what is taken away is there: a CHECK that the column is not below a bound holds.</summary>
    BoundedSum = 1,
}
