namespace ShardSql.Planning.Resharding;

/// <summary>What RESHARD looks at (sharding.md §5).</summary>
public enum ReshardGoal
{
    /// <summary>Which rows transactions touch together.</summary>
    Graph,

    /// <summary>How often segments are read and written.</summary>
    Load,

    /// <summary>How many bytes segments hold.</summary>
    Size,
}
