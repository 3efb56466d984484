namespace ShardSql.Execution;

/// <summary>Why <see cref="StatementRun.Step"/> came back.</summary>
public enum StatementRunState
{
    /// <summary>It needs rows of <see cref="StatementRun.NeededSources"/>.</summary>
    NeedSource,

    /// <summary>A batch is ready, or a slice is over, and there is more to do.</summary>
    Yielded,

    /// <summary>All rows are out; the last batch may be waiting.</summary>
    Done,
}
