using System;

namespace ShardSql.Storage.Stores;

/// <summary>A base store does not hold what was written to it; its node learns it again from its peers.</summary>
public sealed class StoreDamagedException : BaseStoreException
{
    /// <summary>An exception with no text.</summary>
    public StoreDamagedException()
    {
    }

    /// <summary>An exception that says what is damaged.</summary>
    public StoreDamagedException(string message)
        : base(message)
    {
    }

    /// <summary>An exception with its cause.</summary>
    public StoreDamagedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
