using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;
using ShardSql.Protocol.Channels;

namespace ShardSql.Protocol;

/// <summary>The way to a server of this process; the name is looked up at each call, so it may come and go.</summary>
internal sealed class InProcessTransport(string name, GrpcClientOptions clientOptions) : IGrpcTransport
{
    public string Address => GrpcAddress.InProcessPrefix + name;

    public Task<IDuplexChannel<TRequest, TResponse>> DuplexAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method, GrpcCallOptions options, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<IDuplexChannel<TRequest, TResponse>>(cancellationToken);
        }

        try
        {
            var call = new InProcessCall(options, clientOptions.MaxMessageBytes);
            var channel = new InProcessChannel<TRequest, TResponse>(
                call, method.ResponseParser, clientOptions.MaxMessageBytes);
            InProcessEndpoints.Find(name).Start(method.Path, call, options.Deadline);
            return Task.FromResult<IDuplexChannel<TRequest, TResponse>>(channel);
        }
        catch (GrpcException e)
        {
            return Task.FromException<IDuplexChannel<TRequest, TResponse>>(e);
        }
    }

    public async Task<TResponse> UnaryAsync<TRequest, TResponse>(
        GrpcMethod<TRequest, TResponse> method,
        TRequest request,
        GrpcCallOptions options,
        CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        var channel = await DuplexAsync(method, options, cancellationToken).ConfigureAwait(false);
        await using (channel.ConfigureAwait(false))
        {
            return await UnaryCall.RunAsync(channel, request, cancellationToken).ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>
/// The client's side of an in-process call; it hears of an abort itself, whatever the endpoint is doing.
/// </summary>
internal sealed class InProcessChannel<TSend, TReceive> : PipeChannel<TSend, TReceive>
    where TSend : class, IMessage<TSend>
    where TReceive : class, IMessage<TReceive>
{
    private static readonly GrpcException s_disposed =
        new(GrpcStatusCode.Cancelled, "the call was ended by its caller");

    private readonly InProcessCall _call;

    public InProcessChannel(InProcessCall call, MessageParser<TReceive> parser, int maxMessageBytes)
        : base(call.Responses, call.Requests, parser, ownsPipes: true, maxMessageBytes)
    {
        _call = call;
        call.Server.Aborted.UnsafeRegister(
            static channel => ((InProcessChannel<TSend, TReceive>)channel!).FailAborted(), this);
    }

    public override IReadOnlyDictionary<string, string> PeerMetadata => ReadOnlyDictionary<string, string>.Empty;

    public override ValueTask DisposeAsync()
    {
        Fail(s_disposed);
        _call.Server.Abort(s_disposed);
        return ValueTask.CompletedTask;
    }

    protected override GrpcException? EndStatus() => _call.Status;

    protected override GrpcException FromTransport(Exception failure) =>
        _call.Status ?? new GrpcException(GrpcStatusCode.Unavailable, "the in-process call is broken", failure);

    private void FailAborted() => Fail(_call.Server.AbortReason ?? s_disposed);
}
