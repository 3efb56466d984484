using System;
using System.IO;

namespace ShardSql.Storage.Files;

/// <summary>A data folder is in use by another process, which the text names.</summary>
public sealed class FolderLockedException : IOException
{
    /// <summary>An exception with no text.</summary>
    public FolderLockedException()
    {
    }

    /// <summary>An exception that names folder and process.</summary>
    public FolderLockedException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with its cause.</summary>
    public FolderLockedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
