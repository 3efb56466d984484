using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;

namespace ShardSql.Protocol.Channels;

/// <summary>One request and one response over a channel.</summary>
internal static class UnaryCall
{
    public static async Task<TResponse> RunAsync<TRequest, TResponse>(
        IDuplexChannel<TRequest, TResponse> channel, TRequest request, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        await channel.SendAsync(request, cancellationToken).ConfigureAwait(false);
        channel.CompleteSend();
        return await FinishAsync(channel, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The response is good only with the status that follows it.</summary>
    public static async Task<TResponse> FinishAsync<TRequest, TResponse>(
        IDuplexChannel<TRequest, TResponse> channel, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        var response = await channel.ReceiveAsync(cancellationToken).ConfigureAwait(false)
            ?? throw new GrpcException(GrpcStatusCode.Internal, "the call ended without a response");
        return await channel.ReceiveAsync(cancellationToken).ConfigureAwait(false) is null
            ? response
            : throw new GrpcException(GrpcStatusCode.Internal, "the call ended with more than one response");
    }
}
