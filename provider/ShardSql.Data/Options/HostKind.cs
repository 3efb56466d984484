namespace ShardSql.Data.Options;

/// <summary>How a gateway is reached.</summary>
internal enum HostKind
{
    /// <summary>A host name or address and a port.</summary>
    Tcp,

    /// <summary>A Unix domain socket's path.</summary>
    Unix,

    /// <summary>A cluster in this process, by the name that it registered.</summary>
    InProcess,
}
