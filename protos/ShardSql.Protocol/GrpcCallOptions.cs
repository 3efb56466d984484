using System;
using System.Collections.Generic;

namespace ShardSql.Protocol;

/// <summary>What one call asks for beyond its messages.</summary>
public sealed record GrpcCallOptions
{
    /// <summary>No deadline, no metadata.</summary>
    public static GrpcCallOptions Default { get; } = new();

    /// <summary>Time the whole call may take, from its beginning; null: no limit. Kept by both sides.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>
    /// What arrives is handed on where it is read from the socket, without a change of thread. Only for a reader that
    /// never blocks: others wait for it.
    /// </summary>
    public bool ReadsInline { get; init; }

    /// <summary>Headers for the server: lower-case names that are not gRPC's own, ASCII values.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; init; }
}
