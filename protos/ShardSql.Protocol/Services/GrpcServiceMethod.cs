using System;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;
using ShardSql.Protocol.Channels;

namespace ShardSql.Protocol;

/// <summary>One rpc as a server offers it.</summary>
public abstract class GrpcServiceMethod
{
    private protected GrpcServiceMethod(string path)
    {
        Path = path;
    }

    /// <summary>The path of the HTTP/2 request.</summary>
    public string Path { get; }

    /// <summary>Whether its endpoint reads where the bytes arrive: it never blocks (<see cref="GrpcCallOptions.ReadsInline"/>).</summary>
    public bool ReadsInline { get; init; }

    /// <summary>Serves one call; ends when everything sent is on its way. Throws what the endpoint throws.</summary>
    public abstract Task InvokeAsync(GrpcServerCall call);
}

/// <summary>An rpc whose endpoint is a function over a channel.</summary>
internal sealed class DuplexServiceMethod<TRequest, TResponse>(
    GrpcMethod<TRequest, TResponse> method,
    Func<IDuplexChannel<TResponse, TRequest>, CancellationToken, Task> serve)
    : GrpcServiceMethod(method.Path)
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    private static readonly GrpcException s_over = new(GrpcStatusCode.Cancelled, "the call is over");

    public override async Task InvokeAsync(GrpcServerCall call)
    {
        var channel = new ServerChannel<TResponse, TRequest>(call, method.RequestParser);
        using var registration = call.Aborted.UnsafeRegister(
            static state =>
            {
                var (channel, call) = ((ServerChannel<TResponse, TRequest>, GrpcServerCall))state!;
                channel.Fail(call.AbortReason ?? s_over);
            },
            (channel, call));
        try
        {
            await serve(channel, call.Token).ConfigureAwait(false);
        }
        finally
        {
            // What was sent before the end, or before an error, still goes out.
            channel.CompleteSend();
            await channel.SendFinished.ConfigureAwait(false);
            channel.Fail(s_over);
        }

        if (call.AbortReason is { } reason)
        {
            throw reason;
        }
    }
}

/// <summary>An rpc whose endpoint is a function from request to response.</summary>
internal static class UnaryServiceMethod
{
    public static Func<IDuplexChannel<TResponse, TRequest>, CancellationToken, Task> Serve<TRequest, TResponse>(
        Func<TRequest, CancellationToken, Task<TResponse>> answer)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        async (channel, cancellationToken) =>
        {
            var request = await channel.ReceiveAsync(cancellationToken).ConfigureAwait(false)
                ?? throw new GrpcException(GrpcStatusCode.InvalidArgument, "the call carries no request");
            var response = await answer(request, cancellationToken).ConfigureAwait(false);
            await channel.SendAsync(response, cancellationToken).ConfigureAwait(false);
        };
}
