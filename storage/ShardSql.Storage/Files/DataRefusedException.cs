using System;

namespace ShardSql.Storage.Files;

/// <summary>Stored data that this node must not open: of another cluster, another node, or a newer format.</summary>
public sealed class DataRefusedException : Exception
{
    /// <summary>An exception with no text.</summary>
    public DataRefusedException()
    {
    }

    /// <summary>An exception that names what was found and what was expected.</summary>
    public DataRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with its cause.</summary>
    public DataRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
