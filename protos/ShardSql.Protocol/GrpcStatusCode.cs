namespace ShardSql.Protocol;

/// <summary>
/// The status codes of gRPC (github.com/grpc/grpc, doc/statuscodes.md); the numbers travel in <c>grpc-status</c>.
/// </summary>
public enum GrpcStatusCode
{
    /// <summary>Done.</summary>
    Ok = 0,

    /// <summary>The caller ended the call.</summary>
    Cancelled = 1,

    /// <summary>A status that says nothing, or none at all.</summary>
    Unknown = 2,

    /// <summary>The request is wrong whatever the state of the server.</summary>
    InvalidArgument = 3,

    /// <summary>The deadline passed first; the call may still have been done.</summary>
    DeadlineExceeded = 4,

    /// <summary>What was asked for is not there.</summary>
    NotFound = 5,

    /// <summary>What was to be created is there already.</summary>
    AlreadyExists = 6,

    /// <summary>The caller is known and may not.</summary>
    PermissionDenied = 7,

    /// <summary>A limit was met: message size, number of calls, memory.</summary>
    ResourceExhausted = 8,

    /// <summary>The server is not in the state that the call needs.</summary>
    FailedPrecondition = 9,

    /// <summary>A conflict ended the call; the caller may start again.</summary>
    Aborted = 10,

    /// <summary>Beyond the valid range.</summary>
    OutOfRange = 11,

    /// <summary>Unknown service or method, or an encoding that is not supported.</summary>
    Unimplemented = 12,

    /// <summary>An invariant of the server or of the protocol is broken.</summary>
    Internal = 13,

    /// <summary>The server cannot be reached or went away.</summary>
    Unavailable = 14,

    /// <summary>Data is lost.</summary>
    DataLoss = 15,

    /// <summary>The caller is not known.</summary>
    Unauthenticated = 16,
}
