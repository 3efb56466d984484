namespace ShardSql.Execution;

/// <summary>Why <see cref="FragmentRun.Step"/> came back.</summary>
public enum FragmentState
{
    /// <summary>It needs the values of <see cref="FragmentRun.NeededKeys"/>.</summary>
    NeedKeys,

    /// <summary>It needs rows of <see cref="FragmentRun.NeededRange"/>.</summary>
    NeedRange,

    /// <summary>A slice is over: output may be waiting, and there is more to do.</summary>
    Yielded,

    /// <summary>All statements ran; the last output may be waiting, and the writes are there.</summary>
    Done,
}
