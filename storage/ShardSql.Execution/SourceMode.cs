namespace ShardSql.Execution;

/// <summary>How the rows of several shards become one stream.</summary>
public enum SourceMode
{
    /// <summary>One after another, in no promised order.</summary>
    Concat,

    /// <summary>Each source is sorted; so is the stream.</summary>
    OrderedMerge,

    /// <summary>Each source brings groups with partial states in the order of their keys; equal groups become one.</summary>
    GroupMerge,
}
