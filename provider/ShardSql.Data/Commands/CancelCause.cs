namespace ShardSql.Data.Commands;

/// <summary>Why a running command was asked to end; the first cause stays.</summary>
internal enum CancelCause
{
    /// <summary>It was not.</summary>
    None = 0,

    /// <summary>By a CancellationToken: the caller sees OperationCanceledException.</summary>
    Token = 1,

    /// <summary>By <c>DbCommand.Cancel</c>: the caller sees 57014.</summary>
    Command = 2,

    /// <summary>By CommandTimeout: the caller sees 57014.</summary>
    Timeout = 3,

    /// <summary>By closing a reader early: nobody sees it.</summary>
    ReaderClosed = 4,
}
