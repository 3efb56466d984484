using System;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Storage.Messages;
using ShardSql.Storage.Nodes;

namespace ShardSql.Storage.Hosting;

/// <summary>
/// What the loop says to one peer: messages of one turn leave as one frame. The loop never waits for a peer: one that
/// lets too many frames wait loses messages, which every protocol here expects.
/// </summary>
internal sealed class OutLink(Action<OutLink> onFirst) : IPeerLink
{
    /// <summary>Bytes after which a frame is closed and another begun.</summary>
    public const int FrameBytes = 1 << 20;

    private const int WaitingFramesMax = 48;

    private readonly ByteWriter _buffer = new(64 * 1024);
    private IDuplexChannel<NodeFrame, NodeFrame>? _channel;
    private int _waiting;
    private long _dropped;

    /// <summary>Frames that were dropped because the peer did not keep up or is not there.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Says where to; null: nobody is there.</summary>
    public void Attach(IDuplexChannel<NodeFrame, NodeFrame>? channel) => Volatile.Write(ref _channel, channel);

    public void Send(ReadOnlySpan<byte> message)
    {
        if (_buffer.Length == 0)
        {
            onFirst(this);
        }

        _buffer.WriteBytes(message);
        if (_buffer.Length >= FrameBytes)
        {
            Flush();
        }
    }

    /// <summary>Sends what has gathered.</summary>
    public void Flush()
    {
        if (_buffer.Length == 0)
        {
            return;
        }

        IDuplexChannel<NodeFrame, NodeFrame>? channel = Volatile.Read(ref _channel);
        if (channel is null || Volatile.Read(ref _waiting) >= WaitingFramesMax)
        {
            Interlocked.Increment(ref _dropped);
        }
        else
        {
            NodeFrame frame = PeerFrames.Of(_buffer.WrittenMemory);
            ValueTask sent = channel.SendAsync(frame, CancellationToken.None);
            if (!sent.IsCompletedSuccessfully)
            {
                Interlocked.Increment(ref _waiting);
                _ = AwaitAsync(sent, channel);
            }
        }

        _buffer.Clear();
    }

    private async Task AwaitAsync(ValueTask sent, IDuplexChannel<NodeFrame, NodeFrame> channel)
    {
        try
        {
            await sent.ConfigureAwait(false);
        }
        catch (GrpcException full) when (full.StatusCode == GrpcStatusCode.ResourceExhausted)
        {
            // The peer stands still and the stream takes no more for now. It has not ended, so nobody would attach it
            // again when the peer goes on.
            Interlocked.Increment(ref _dropped);
        }
        catch (GrpcException)
        {
            // The stream ended; its reader attaches another or gives up.
            Interlocked.CompareExchange(ref _channel, null, channel);
        }

        Interlocked.Decrement(ref _waiting);
    }
}
