using System;
using System.IO;

namespace ShardSql.Storage.Files;

/// <summary>
/// Unsynced writes may be lost and a retry would not tell (Rebello et al., ATC 2020): the node acknowledges nothing
/// more and ends.
/// </summary>
public sealed class SyncFailedException : IOException
{
    /// <summary>An exception with no text.</summary>
    public SyncFailedException()
    {
    }

    /// <summary>An exception that says what failed.</summary>
    public SyncFailedException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with its cause.</summary>
    public SyncFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The sync of a path failed with an error number of the system.</summary>
    public static SyncFailedException ForError(string path, int error, string systemText) =>
        new($"sync of {path} failed with error {error}: {systemText}; the node must end");
}
