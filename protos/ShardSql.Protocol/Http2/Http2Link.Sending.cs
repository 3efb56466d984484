using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Protocol.Http2;

/// <summary>What leaves: frames in a buffer, written under the gate, and who hands it to the socket.</summary>
internal sealed partial class Http2Link
{
    // More than this waits in its streams, so that a peer that does not read holds no more than this and their windows.
    private const int OutBytesMax = 1024 * 1024;
    private const int KeptBufferBytes = 4 * OutBytesMax;
    private const int WindowUpdateBytes = 4;

    private static readonly TimeSpan s_drainTime = TimeSpan.FromSeconds(1);

    private readonly List<Http2Stream> _blocked = [];
    private ArrayBufferWriter<byte> _out = new(16 * 1024);
    private ArrayBufferWriter<byte> _leaving = new(16 * 1024);
    private bool _pumping;

    private void Append(Http2FrameType type, Http2Flags flags, int streamId, ReadOnlySpan<byte> payload)
    {
        var frame = _out.GetSpan(Http2FrameHeader.Bytes + payload.Length);
        new Http2FrameHeader(payload.Length, type, flags, streamId).Write(frame);
        payload.CopyTo(frame[Http2FrameHeader.Bytes..]);
        _out.Advance(Http2FrameHeader.Bytes + payload.Length);
    }

    private void AppendReset(int streamId, Http2Error error)
    {
        Span<byte> payload = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteInt32BigEndian(payload, (int)error);
        Append(Http2FrameType.ResetStream, Http2Flags.None, streamId, payload);
    }

    private void AppendWindowUpdate(int streamId, int bytes)
    {
        Span<byte> payload = stackalloc byte[WindowUpdateBytes];
        BinaryPrimitives.WriteInt32BigEndian(payload, bytes);
        Append(Http2FrameType.WindowUpdate, Http2Flags.None, streamId, payload);
    }

    // What the windows and the buffer have no room for is left.
    private ReadOnlyMemory<byte> AppendData(Http2Stream stream, ReadOnlyMemory<byte> data)
    {
        while (!data.IsEmpty && _out.WrittenCount < OutBytesMax)
        {
            var room = Math.Min(stream.SendWindow, _sendWindow);
            var taken = (int)Math.Min(Math.Min(data.Length, Http2Settings.FrameBytesMax), room);
            if (taken <= 0)
            {
                break;
            }

            Append(Http2FrameType.Data, Http2Flags.None, stream.Id, data.Span[..taken]);
            stream.SendWindow -= taken;
            _sendWindow -= taken;
            data = data[taken..];
        }

        return data;
    }

    private void AppendBlocked()
    {
        for (var i = 0; i < _blocked.Count;)
        {
            var stream = _blocked[i];
            stream.Blocked = AppendData(stream, stream.Blocked);
            if (stream.Blocked.IsEmpty)
            {
                _blocked.RemoveAt(i);
                stream.BlockedDone!.TrySetResult(default);
                stream.BlockedDone = null;
            }
            else
            {
                i++;
            }
        }
    }

    private void Pump()
    {
        lock (_gate)
        {
            if (_pumping || _broken is not null)
            {
                return;
            }

            _pumping = true;
        }

        _ = PumpAsync();
    }

    // Everything that can go wrong is the end of the link, so the task is never looked at.
    private async Task PumpAsync()
    {
        try
        {
            while (TryTakeOut())
            {
                ReadOnlyMemory<byte> rest = _leaving.WrittenMemory;
                while (!rest.IsEmpty)
                {
                    rest = rest[await _socket.SendAsync(rest, SocketFlags.None).ConfigureAwait(false)..];
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Break(e);
        }
    }

    // A socket that is closed over bytes that nobody has read is reset, and the other side may lose why it ends.
    private async Task DrainAsync()
    {
        using var limit = new CancellationTokenSource(s_drainTime);
        var unread = new byte[KeptBufferBytes / 64];
        try
        {
            await Shut.WaitAsync(limit.Token).ConfigureAwait(false);
            while (await _socket.ReceiveAsync(unread, SocketFlags.None, limit.Token).ConfigureAwait(false) > 0)
            {
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Gone, or given time enough: it is closed all the same.
        }
    }

    private bool TryTakeOut()
    {
        lock (_gate)
        {
            if (_leaving.Capacity > KeptBufferBytes)
            {
                _leaving = new ArrayBufferWriter<byte>();
            }
            else
            {
                _leaving.ResetWrittenCount();
            }

            AppendBlocked();
            if (_out.WrittenCount > 0 && _broken is null)
            {
                (_out, _leaving) = (_leaving, _out);
                return true;
            }

            _pumping = false;
            if (_isGoing && (_streams.Count == 0 || _hasFailed) && _broken is null && _shut.TrySetResult())
            {
                _socket.Shutdown(SocketShutdown.Send);
            }

            return false;
        }
    }
}
