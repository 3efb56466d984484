using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.IO.Pipelines;
using System.Net.Http;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;

namespace ShardSql.Protocol.Channels;

/// <summary>
/// A duplex channel over two pipes, the same for every transport; what a transport adds is how a broken pipe and the
/// end of the other side read as a status, and what ending early does. After <see cref="Fail"/> every operation throws
/// its reason.
/// </summary>
internal abstract class PipeChannel<TSend, TReceive> : IDuplexChannel<TSend, TReceive>
    where TSend : class, IMessage<TSend>
    where TReceive : class, IMessage<TReceive>
{
    private readonly FrameSender<TSend> _sender;
    private readonly FrameReceiver<TReceive> _receiver;
    private GrpcException? _failure;

    protected PipeChannel(
        PipeReader reader, PipeWriter writer, MessageParser<TReceive> parser, bool ownsPipes, int maxMessageBytes)
    {
        _sender = new FrameSender<TSend>(writer, ownsPipes, maxMessageBytes);
        _receiver = new FrameReceiver<TReceive>(reader, parser, ownsPipes, maxMessageBytes);
    }

    /// <inheritdoc/>
    public abstract IReadOnlyDictionary<string, string> PeerMetadata { get; }

    /// <summary>Ends when everything before <see cref="CompleteSend"/> is on its way, or never will be.</summary>
    internal Task SendFinished => _sender.Finished;

    /// <inheritdoc/>
    public ValueTask SendAsync(TSend message, CancellationToken cancellationToken) =>
        _sender.SendAsync(message, gathers: false, cancellationToken);

    /// <inheritdoc/>
    public ValueTask GatherAsync(TSend message, CancellationToken cancellationToken) =>
        _sender.SendAsync(message, gathers: true, cancellationToken);

    /// <inheritdoc/>
    public void Flush() => _sender.Flush();

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<TReceive?> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _receiver.ReceiveAsync(cancellationToken).ConfigureAwait(false) ?? End();
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            throw Translate(e);
        }
    }

    /// <inheritdoc/>
    public bool TryReceive([NotNullWhen(true)] out TReceive? message)
    {
        try
        {
            return _receiver.TryReceive(out message);
        }
        catch (Exception e)
        {
            throw Translate(e);
        }
    }

    /// <inheritdoc/>
    public void CompleteSend() => _sender.Complete();

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <summary>Ends both directions now; the first reason stays.</summary>
    internal void Fail(GrpcException reason)
    {
        var first = Interlocked.CompareExchange(ref _failure, reason, null) ?? reason;
        _sender.Fail(first);
        _receiver.Close();
    }

    /// <summary>The status with which the other side ended; null is OK.</summary>
    protected abstract GrpcException? EndStatus();

    /// <summary>The status that a failure of the transport stands for.</summary>
    protected abstract GrpcException FromTransport(Exception failure);

    private TReceive? End()
    {
        if (EndStatus() is { } status)
        {
            Fail(status);
            throw status;
        }

        return null;
    }

    private Exception Translate(Exception e)
    {
        if (Volatile.Read(ref _failure) is { } failure)
        {
            return ReferenceEquals(e, failure) ? e : new GrpcException(failure.StatusCode, failure.Message, failure);
        }

        switch (e)
        {
            case InvalidOperationException and not ObjectDisposedException:
                return e;
            case GrpcException known:
                Fail(known);
                return known;
            case IOException or HttpRequestException or OperationCanceledException or ObjectDisposedException:
                var status = FromTransport(e);
                Fail(status);
                return status;
            default:
                return e;
        }
    }
}
