using System;

namespace ShardSql.Protocol;

/// <summary>The bounds of the protocol that both sides keep.</summary>
public static class GrpcLimits
{
    /// <summary>
    /// Largest message that is sent or taken; a larger one is RESOURCE_EXHAUSTED before anything is allocated.
    /// </summary>
    public const int MaxMessageBytes = 8 * 1024 * 1024;

    /// <summary>Messages that wait for the next one leave when they have come to this.</summary>
    public const int GatherBytes = 8 * 1024;

    /// <summary>A sender that has this much on its way waits for the other side to take some.</summary>
    public const int SendPauseBytes = 128 * 1024;

    /// <summary>
    /// What senders that do not await may leave in one channel; beyond it a send is RESOURCE_EXHAUSTED.
    /// </summary>
    public const int MaxUnsentBytes = 64 * 1024 * 1024;

    /// <summary>A pipe between two parties pauses its writer at this many bytes and lets it go on at half.</summary>
    public const int PipePauseBytes = 256 * 1024;

    /// <summary>Smallest block of a pipe: one DATA frame of HTTP/2.</summary>
    public const int PipeSegmentBytes = 16 * 1024;

    /// <summary>Open calls of one in-process server; one more is RESOURCE_EXHAUSTED.</summary>
    public const int MaxInProcessCalls = 4096;

    /// <summary>Statements that a session keeps under numbers; a client with more sends them whole.</summary>
    public const int MaxPrepared = 1_024;

    /// <summary>Bytes of the trees that a session keeps under numbers.</summary>
    public const int MaxPreparedBytes = 8 * 1024 * 1024;

    /// <summary>The longest grpc-timeout there is: 8 digits of hours. A longer deadline is sent as this one.</summary>
    public static readonly TimeSpan MaxTimeout = TimeSpan.FromDays(365);
}
