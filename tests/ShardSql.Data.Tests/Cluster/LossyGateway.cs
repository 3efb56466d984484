using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>
/// A real gateway behind streams that break: the next COMMIT that is armed loses its session, either before it reaches
/// the gateway or after the gateway has answered it. A COMMIT is the request with the number that the test counts.
/// </summary>
internal sealed class LossyGateway : IGatewayEndpoint, IDisposable
{
    private readonly IGatewayEndpoint _gateway;
    private int _armed;

    public LossyGateway(IGatewayEndpoint gateway)
    {
        _gateway = gateway;
        InProcessEndpoints.Register(Name, this);
    }

    /// <summary>What may be lost.</summary>
    public enum Loss
    {
        None,
        Request,
        Reply,
    }

    public string Name { get; } = "lossy-" + Guid.NewGuid().ToString("N");

    /// <summary>How many sessions were broken.</summary>
    public int Broken { get; private set; }

    /// <summary>The next request, or its ExecuteEnd, breaks its session.</summary>
    public void Arm(Loss loss) => Volatile.Write(ref _armed, (int)loss);

    public async Task SessionAsync(
        IDuplexChannel<ServerFrame, ClientFrame> channel, CancellationToken cancellationToken)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var relay = new Relay(this, channel, ends);
        await _gateway.SessionAsync(relay, ends.Token);
        if (relay.IsBroken)
        {
            throw new GrpcException(GrpcStatusCode.Unavailable, "the gateway is gone");
        }
    }

    public Task<SubmitTransactionReply> SubmitTransactionAsync(
        SubmitTransactionRequest request, CancellationToken cancellationToken) =>
        _gateway.SubmitTransactionAsync(request, cancellationToken);

    public void Dispose() => InProcessEndpoints.Unregister(Name);

    private bool Takes(Loss loss)
    {
        bool taken = Interlocked.CompareExchange(ref _armed, (int)Loss.None, (int)loss) == (int)loss;
        Broken += taken ? 1 : 0;
        return taken;
    }

    private sealed class Relay(
        LossyGateway owner, IDuplexChannel<ServerFrame, ClientFrame> inner, CancellationTokenSource ends)
        : IDuplexChannel<ServerFrame, ClientFrame>
    {
        private volatile bool _broken;

        public bool IsBroken => _broken;

        public IReadOnlyDictionary<string, string> PeerMetadata => inner.PeerMetadata;

        public async ValueTask SendAsync(ServerFrame message, CancellationToken cancellationToken)
        {
            if (message.FrameCase == ServerFrame.FrameOneofCase.ExecuteEnd && owner.Takes(Loss.Reply))
            {
                Break();
            }

            ThrowIfBroken();
            await inner.SendAsync(message, cancellationToken);
        }

        public async ValueTask<ClientFrame?> ReceiveAsync(CancellationToken cancellationToken)
        {
            ClientFrame? frame = await inner.ReceiveAsync(cancellationToken);
            if (frame is { FrameCase: ClientFrame.FrameOneofCase.Execute } && owner.Takes(Loss.Request))
            {
                Break();
            }

            ThrowIfBroken();
            return frame;
        }

        // What has arrived is given out by ReceiveAsync only, where it can be lost.
        public bool TryReceive([NotNullWhen(true)] out ClientFrame? message)
        {
            message = null;
            return false;
        }

        public void CompleteSend() => inner.CompleteSend();

        public ValueTask DisposeAsync() => inner.DisposeAsync();

        private void Break()
        {
            _broken = true;
            ends.Cancel();
        }

        private void ThrowIfBroken()
        {
            if (_broken)
            {
                throw new GrpcException(GrpcStatusCode.Unavailable, "the gateway is gone");
            }
        }
    }
}
