using System;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;

namespace ShardSql.Protocol;

/// <summary>
/// A way to one server: HTTP/2 over TCP or a unix socket, or within the process. Safe for any number of callers.
/// </summary>
public interface IGrpcTransport : IAsyncDisposable
{
    /// <summary>Where it leads, as a user would write it.</summary>
    string Address { get; }

    /// <summary>
    /// Opens a stream both ways; ends once the server has taken the call. The cancellation token is for opening only:
    /// disposing the channel resets the call.
    /// </summary>
    Task<IDuplexChannel<TRequest, TResponse>> DuplexAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, GrpcCallOptions options, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>;

    /// <summary>One request, one response. A status other than OK is <see cref="GrpcException"/>.</summary>
    Task<TResponse> UnaryAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method,
        TRequest request,
        GrpcCallOptions options,
        CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>;
}
