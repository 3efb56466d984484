using System;
using System.Collections.Concurrent;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Storage.Messages;

namespace ShardSql.Storage.Client;

/// <summary>The answer to one request: the body, or that the node does not lead the shard.</summary>
internal readonly record struct NodeAnswer(
    bool IsLeader, NodeId LeaderHint, ReadOnlyMemory<byte> Body, bool WasBegun = true);

/// <summary>
/// A gateway's stream to one storage node: requests with correlation numbers, answers in any order. Opened at the first
/// request and again after it was lost; what was under way then fails with <see cref="GrpcException"/>.
/// </summary>
internal sealed class NodeConnection(NodeClient client, PeerHello hello) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<ulong, TaskCompletionSource<NodeAnswer>> _pending = new();
    // Neither is disposed of: whoever still asks while the node leaves the cluster finds them.
    private readonly SemaphoreSlim _opening = new(1);
    private readonly CancellationTokenSource _stopping = new();
    private IDuplexChannel<NodeFrame, NodeFrame>? _channel;
    private Task _reading = Task.CompletedTask;
    private long _correlation;

    /// <summary>The node, for requests that are not of its stream.</summary>
    public NodeClient Node => client;

    /// <summary>Sends a request and waits for its answer. A failure with <see cref="GrpcStatusCode.Unavailable"/> says
    /// that the request surely never reached the node.</summary>
    /// <param name="encode">Writes shard, kind and body.</param>
    /// <param name="cancellationToken">Ends the wait, not the request.</param>
    public async Task<NodeAnswer> AskAsync(Action<ByteWriter> encode, CancellationToken cancellationToken)
    {
        IDuplexChannel<NodeFrame, NodeFrame> channel = _channel ?? await OpenAsync(cancellationToken).ConfigureAwait(false);
        ulong correlation = (ulong)Interlocked.Increment(ref _correlation);
        var answer = new TaskCompletionSource<NodeAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[correlation] = answer;
        try
        {
            await SendAsync(
                channel,
                writer =>
                {
                    writer.WriteByte((byte)StorageMessageKind.Request);
                    writer.WriteVarint(correlation);
                    encode(writer);
                },
                cancellationToken).ConfigureAwait(false);
            if (_channel != channel)
            {
                throw new GrpcException(GrpcStatusCode.Unknown, $"the stream to {client.Address} was lost");
            }

            return await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (GrpcException lost) when (lost.StatusCode == GrpcStatusCode.Unavailable)
        {
            // It was on its way, and may have arrived.
            throw new GrpcException(GrpcStatusCode.Unknown, lost.Message, lost);
        }
        finally
        {
            _pending.TryRemove(correlation, out _);
        }
    }

    /// <summary>Sends a message that has no answer; it may be lost.</summary>
    public void Tell(Action<ByteWriter> encode)
    {
        if (_channel is { } channel)
        {
            _ = TellAsync(channel, encode);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        await client.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task SendAsync(
        IDuplexChannel<NodeFrame, NodeFrame> channel, Action<ByteWriter> encode, CancellationToken cancellationToken)
    {
        var message = new ByteWriter(512);
        encode(message);
        var framed = new ByteWriter(message.Length + 8);
        framed.WriteBytes(message.WrittenSpan);
        await channel.SendAsync(PeerFrames.Of(framed.WrittenMemory), cancellationToken).ConfigureAwait(false);
    }

    private async Task TellAsync(IDuplexChannel<NodeFrame, NodeFrame> channel, Action<ByteWriter> encode)
    {
        try
        {
            await SendAsync(channel, encode, _stopping.Token).ConfigureAwait(false);
        }
        catch (GrpcException)
        {
            // Lost with its stream; whoever must know asks.
            Interlocked.CompareExchange(ref _channel, null, channel);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The gateway stops.
            Interlocked.CompareExchange(ref _channel, null, channel);
        }
    }

    private async Task<IDuplexChannel<NodeFrame, NodeFrame>> OpenAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_stopping.IsCancellationRequested)
            {
                throw new GrpcException(GrpcStatusCode.Unavailable, $"{client.Address} is asked no more");
            }

            if (_channel is { } open)
            {
                return open;
            }

            IDuplexChannel<NodeFrame, NodeFrame> channel =
                await client.OpenPeerAsync(_stopping.Token).WaitAsync(cancellationToken).ConfigureAwait(false);
            await channel.SendAsync(new NodeFrame { Hello = hello }, cancellationToken).ConfigureAwait(false);
            _channel = channel;
            _reading = Task.Run(() => ReadAsync(channel), CancellationToken.None);
            return channel;
        }
        finally
        {
            _opening.Release();
        }
    }

    private async Task ReadAsync(IDuplexChannel<NodeFrame, NodeFrame> channel)
    {
        Exception end = new GrpcException(GrpcStatusCode.Unavailable, $"the stream to {client.Address} has ended");
        try
        {
            await using (channel.ConfigureAwait(false))
            {
                while (await channel.ReceiveAsync(_stopping.Token).ConfigureAwait(false) is { } frame)
                {
                    Take(PeerFrames.MessagesOf(frame));
                }
            }
        }
        catch (GrpcException exception)
        {
            end = exception;
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            end = new GrpcException(GrpcStatusCode.Cancelled, "the gateway stops");
        }

        Interlocked.CompareExchange(ref _channel, null, channel);
        foreach (ulong correlation in _pending.Keys)
        {
            if (_pending.TryRemove(correlation, out TaskCompletionSource<NodeAnswer>? waiting))
            {
                waiting.TrySetException(end);
            }
        }
    }

    private void Take(ReadOnlyMemory<byte> messages)
    {
        var reader = new ByteReader(messages.Span);
        while (reader.Remaining > 0 && !reader.Failed)
        {
            int length = reader.ReadCount();
            int start = messages.Length - reader.Remaining;
            ReadOnlySpan<byte> message = reader.ReadRaw(length);
            TakeOne(messages.Slice(start, message.Length));
        }
    }

    private void TakeOne(ReadOnlyMemory<byte> message)
    {
        var reader = new ByteReader(message.Span);
        var kind = (StorageMessageKind)reader.ReadByte();
        ulong correlation = reader.ReadVarint();
        if (reader.Failed || !_pending.TryRemove(correlation, out TaskCompletionSource<NodeAnswer>? waiting))
        {
            return;
        }

        if (kind == StorageMessageKind.NotLeader)
        {
            _ = reader.ReadVarint32();
            var leader = new NodeId(reader.ReadVarint32());
            waiting.TrySetResult(new NodeAnswer(false, leader, default, reader.ReadBoolean()));
        }
        else
        {
            waiting.TrySetResult(new NodeAnswer(true, default, message[^reader.Remaining..]));
        }
    }
}
