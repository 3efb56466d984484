using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using Google.Protobuf;

namespace ShardSql.Protocol.Channels;

/// <summary>The server's side of a call; the transport owns the pipes, the method's return ends it.</summary>
internal sealed class ServerChannel<TSend, TReceive>(GrpcServerCall call, MessageParser<TReceive> parser)
    : PipeChannel<TSend, TReceive>(call.Input, call.Output, parser, ownsPipes: false, call.MaxMessageBytes)
    where TSend : class, IMessage<TSend>
    where TReceive : class, IMessage<TReceive>
{
    public override IReadOnlyDictionary<string, string> PeerMetadata => call.Metadata;

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected override GrpcException? EndStatus() => null;

    protected override GrpcException FromTransport(Exception failure) =>
        call.AbortReason ?? new GrpcException(GrpcStatusCode.Cancelled, "the client has gone away", failure);
}
