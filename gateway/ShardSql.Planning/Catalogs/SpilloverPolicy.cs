namespace ShardSql.Planning.Catalogs;

/// <summary>What deltas of a row come to (sharding.md §4).</summary>
public enum SpilloverPolicy : byte
{
    /// <summary>They are added up.</summary>
    Sum = 0,

    /// <summary>They are added up, and what is taken away is there: a CHECK that the column is not below a bound holds.</summary>
    BoundedSum = 1,

    /// <summary>Texts that are put behind the row's own, in the order of their commit stamps.</summary>
    Append = 2,

    /// <summary>The one with the greatest commit stamp holds.</summary>
    LastWrite = 3,

    /// <summary>The one with the greatest value of the last column holds, the row's own among them; of equal ones that with the
    /// greatest commit stamp.</summary>
    Timestamp = 4,
}
