namespace ShardSql.Tests.Protocol;

/// <summary>The ways in which a client reaches a server; what holds for one holds for all.</summary>
public enum TransportKind
{
    /// <summary>HTTP/2 over loopback.</summary>
    Tcp,

    /// <summary>HTTP/2 over a unix socket.</summary>
    Unix,

    /// <summary>Pipes within the process.</summary>
    InProcess,
}
