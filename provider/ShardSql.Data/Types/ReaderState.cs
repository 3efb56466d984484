namespace ShardSql.Data.Types;

/// <summary>Where a reader stands.</summary>
internal enum ReaderState
{
    /// <summary>Before the first row of a result.</summary>
    BeforeFirst,

    /// <summary>On a row.</summary>
    OnRow,

    /// <summary>Behind the last row of a result, whose end was seen.</summary>
    AfterLast,

    /// <summary>Behind the only row that was wanted; the result goes on.</summary>
    AfterWanted,

    /// <summary>The next frame begins a result, or ends the command.</summary>
    BetweenResults,

    /// <summary>No result is left.</summary>
    AtEnd,

    /// <summary>Closed.</summary>
    Closed,
}
