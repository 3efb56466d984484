using System;

namespace ShardSql.Protocol;

/// <summary>A call that ended with a status other than OK, whichever side or transport said so.</summary>
public sealed class GrpcException : Exception
{
    /// <summary>A failure of unknown kind.</summary>
    public GrpcException()
        : this(GrpcStatusCode.Unknown, "unknown")
    {
    }

    /// <summary>A failure of unknown kind with a message.</summary>
    public GrpcException(string message)
        : this(GrpcStatusCode.Unknown, message)
    {
    }

    /// <summary>A failure of unknown kind with its cause.</summary>
    public GrpcException(string message, Exception innerException)
        : this(GrpcStatusCode.Unknown, message, innerException)
    {
    }

    /// <summary>A failure with its status; the message travels to the other side.</summary>
    public GrpcException(GrpcStatusCode statusCode, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        StatusCode = statusCode;
    }

    /// <summary>The status of the call.</summary>
    public GrpcStatusCode StatusCode { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{StatusCode}: {base.ToString()}";
}
