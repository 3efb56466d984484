using System;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;
using ShardSql.Protocol.Channels;

namespace ShardSql.Protocol.Http;

/// <summary>The client's side of a duplex call over HTTP/2.</summary>
internal sealed class HttpChannel<TSend, TReceive> : PipeChannel<TSend, TReceive>
    where TSend : class, IMessage<TSend>
    where TReceive : class, IMessage<TReceive>
{
    private readonly HttpCall _call;
    private readonly CancellationTokenRegistration _ended;

    public HttpChannel(
        HttpCall call, PipeReader body, PipeWriter requests, MessageParser<TReceive> parser, int maxMessageBytes)
        : base(body, requests, parser, ownsPipes: true, maxMessageBytes)
    {
        _call = call;
        PeerMetadata = Metadata(call.Response);
        _ended = call.Ended.UnsafeRegister(
            static channel => ((HttpChannel<TSend, TReceive>)channel!).EndEarly(), this);
    }

    public override IReadOnlyDictionary<string, string> PeerMetadata { get; }

    public override ValueTask DisposeAsync()
    {
        _call.Dispose();
        return _ended.DisposeAsync();
    }

    protected override GrpcException? EndStatus() => HttpStatus.OfTrailers(_call.Response);

    protected override GrpcException FromTransport(Exception failure) => _call.StatusOf(failure);

    private static Dictionary<string, string> Metadata(HttpResponseMessage response)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, values) in response.Headers.NonValidated)
        {
            if (!GrpcHeaders.IsReserved(name))
            {
                metadata[name] = values.ToString();
            }
        }

        return metadata;
    }

    private void EndEarly()
    {
        Fail(_call.StatusOf(new OperationCanceledException(_call.Ended)));
        _call.Response.Dispose();
    }
}
