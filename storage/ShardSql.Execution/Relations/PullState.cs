namespace ShardSql.Execution.Relations;

/// <summary>What pulling an operator gave.</summary>
internal enum PullState
{
    /// <summary>A row.</summary>
    Row,

    /// <summary>No row will come any more.</summary>
    End,

    /// <summary>Nothing yet: a stream needs a batch, or the slice is over. Pull again then.</summary>
    Wait,
}
