using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Storage.Hosting;

using Xunit;

namespace ShardSql.Tests.Storage.Hosting;

/// <summary>A link to a peer loses what a stream does not take, and the stream only when that has ended.</summary>
public sealed class OutLinkTests
{
    [Theory]
    [InlineData(GrpcStatusCode.ResourceExhausted, 2)]
    [InlineData(GrpcStatusCode.Unavailable, 1)]
    public void Flush_afterAFrameThatWasRefused_sendsWhileTheStreamLives(GrpcStatusCode refusal, int sends)
    {
        var stream = new Stream { Refusal = new GrpcException(refusal, "refused") };
        var link = new OutLink(_ => { });
        link.Attach(stream);
        link.Send([1]);
        link.Flush();
        stream.Refusal = null;
        link.Send([2]);
        link.Flush();
        Assert.Equal(sends, stream.Sends);
        Assert.Equal(1, link.Dropped);
    }

    private sealed class Stream : IDuplexChannel<NodeFrame, NodeFrame>
    {
        public GrpcException? Refusal { get; set; }

        public int Sends { get; private set; }

        public ValueTask SendAsync(NodeFrame message, CancellationToken cancellationToken)
        {
            Sends++;
            return Refusal is null ? ValueTask.CompletedTask : ValueTask.FromException(Refusal);
        }

        public ValueTask<NodeFrame?> ReceiveAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public bool TryReceive([NotNullWhen(true)] out NodeFrame? message) => throw new NotSupportedException();

        public void CompleteSend() => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
