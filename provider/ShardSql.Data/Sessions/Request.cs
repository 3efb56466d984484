using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using ShardSql.Protocol.Messages;

namespace ShardSql.Data.Sessions;

/// <summary>
/// One request of a session and its inbox. The session's reader loop puts frames in and never waits; the bound on row
/// bytes is the window that was given to the server, and a server that oversteps it loses the session.
/// </summary>
internal sealed class Request
{
    /// <summary>Frames that may wait in an inbox; rows are bounded by bytes long before.</summary>
    public const int MaxWaitingFrames = 65_536;

    private readonly Channel<ServerFrame> _inbox = Channel.CreateUnbounded<ServerFrame>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private readonly long _maxWaitingBytes;
    private long _waitingBytes;
    private int _waitingFrames;

    public Request(ulong id, long maxWaitingBytes)
    {
        Id = id;
        _maxWaitingBytes = maxWaitingBytes;
    }

    /// <summary>Chosen by the session.</summary>
    public ulong Id { get; }

    /// <summary>Whether a frame closes its request.</summary>
    public static bool IsLast(ServerFrame frame) => frame.FrameCase is ServerFrame.FrameOneofCase.ExecuteEnd
        or ServerFrame.FrameOneofCase.Error
        or ServerFrame.FrameOneofCase.OutcomeReply
        or ServerFrame.FrameOneofCase.HelloReply
        or ServerFrame.FrameOneofCase.Pong;

    /// <summary>Takes a frame that is there; false when there is none yet, or none any more.</summary>
    public bool TryRead([NotNullWhen(true)] out ServerFrame? frame)
    {
        if (!_inbox.Reader.TryRead(out frame))
        {
            return false;
        }

        Interlocked.Add(ref _waitingBytes, -SizeOf(frame));
        Interlocked.Decrement(ref _waitingFrames);
        return true;
    }

    /// <summary>
    /// Waits for a frame. Nothing but the session's end breaks the wait off, so no frame is ever lost.
    /// </summary>
    /// <exception cref="SessionLostException">The session ended first.</exception>
    public async ValueTask<ServerFrame> ReadAsync()
    {
        ServerFrame? frame;
        while (!TryRead(out frame))
        {
            if (!await _inbox.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
            {
                throw new InvalidOperationException("The request has ended; it has no more frames.");
            }
        }

        return frame;
    }

    /// <summary>Puts a frame in; false when the server has sent more than it may.</summary>
    public bool TryDeliver(ServerFrame frame)
    {
        if (Interlocked.Add(ref _waitingBytes, SizeOf(frame)) > _maxWaitingBytes
            || Interlocked.Increment(ref _waitingFrames) > MaxWaitingFrames)
        {
            return false;
        }

        // After the session's end the inbox is closed and the frame has nobody to go to.
        _inbox.Writer.TryWrite(frame);
        if (IsLast(frame))
        {
            _inbox.Writer.TryComplete();
        }

        return true;
    }

    /// <summary>The session has ended: who waits is told why.</summary>
    public void Fail(Exception error) => _inbox.Writer.TryComplete(error);

    private static int SizeOf(ServerFrame frame) => frame.RowBatch?.Rows.Length ?? 0;
}
