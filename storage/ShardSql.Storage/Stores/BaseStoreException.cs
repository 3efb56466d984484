using System;
using System.IO;

namespace ShardSql.Storage.Stores;

/// <summary>A base store failed below the adapter; the node ends and recovers from its log or its peers.</summary>
public class BaseStoreException : IOException
{
    /// <summary>An exception with no text.</summary>
    public BaseStoreException()
    {
    }

    /// <summary>An exception that says what failed.</summary>
    public BaseStoreException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with its cause.</summary>
    public BaseStoreException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
