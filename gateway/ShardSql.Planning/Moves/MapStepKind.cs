namespace ShardSql.Planning.Moves;

/// <summary>What a step does to the shard map.</summary>
public enum MapStepKind : byte
{
    /// <summary>Segments begin at some keys.</summary>
    Split = 1,

    /// <summary>A segment gets another owner, with its rows.</summary>
    Move = 2,

    /// <summary>Segments do not begin at some keys any more.</summary>
    Join = 3,
}
