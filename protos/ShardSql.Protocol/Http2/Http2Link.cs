using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Protocol.Http2;

/// <summary>
/// One HTTP/2 connection whose ends are both ours: a socket, one reader, and no thread between a sender and the socket.
/// What is sent goes to the socket on the sender's thread unless another is there already, who then takes it along;
/// what arrives is handed to its stream's reader as one piece per read. This file: streams, from their opening to their end.
/// </summary>
internal sealed partial class Http2Link : IDisposable
{
    private const long FirstConnectionWindow = 65_535;
    private const int ConnectionWindow = int.MaxValue;

    private readonly Socket _socket;
    private readonly bool _isClient;
    private readonly Lock _gate = new();
    private readonly Dictionary<int, Http2Stream> _streams = [];
    private readonly TaskCompletionSource<Http2Settings?> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _shut = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Http2Settings _peer;
    private Exception? _broken;
    private long _sendWindow = FirstConnectionWindow;
    private int _nextStream = 1;
    private bool _isGoing;
    private bool _hasFailed;

    /// <summary>A link over a connected socket, which it owns.</summary>
    public Http2Link(Socket socket, bool isClient, Http2Settings own)
    {
        _socket = socket;
        _isClient = isClient;
        Own = own;
    }

    /// <summary>What this side said first.</summary>
    public Http2Settings Own { get; }

    /// <summary>What the other side said first; null: it is not one of ours. Fails when the link is lost before.</summary>
    public Task<Http2Settings?> Opened => _opened.Task;

    /// <summary>Ends when this side has sent its last byte after <see cref="GoAway"/>.</summary>
    public Task Shut => _shut.Task;

    /// <summary>Ends with the link.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Whether a stream could be opened now.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_gate)
            {
                return _broken is null && !_isGoing && _streams.Count < _peer.StreamsMax;
            }
        }
    }

    /// <summary>Open streams.</summary>
    public int Streams
    {
        get
        {
            lock (_gate)
            {
                return _streams.Count;
            }
        }
    }

    /// <summary>Says hello and begins to read.</summary>
    public void Start()
    {
        lock (_gate)
        {
            Own.Write(_out, _isClient);
            AppendWindowUpdate(0, ConnectionWindow - (int)FirstConnectionWindow);
        }

        Pump();
        _ = ReadAsync();
    }

    /// <summary>Opens a stream with its request's headers; null when there is no room (any more).</summary>
    public Http2Stream? TryOpen(byte[] headers, bool readsInline)
    {
        Http2Stream stream;
        lock (_gate)
        {
            if (_broken is not null || _isGoing || _streams.Count >= _peer.StreamsMax || _nextStream < 0)
            {
                return null;
            }

            stream = new Http2Stream(this, _nextStream, readsInline, _peer.StreamWindowBytes);
            _streams.Add(stream.Id, stream);
            _nextStream += 2;
            Append(Http2FrameType.Headers, Http2Flags.EndHeaders, stream.Id, headers);
        }

        Pump();
        return stream;
    }

    /// <summary>Sends bytes of a stream; ends when all are on their way. Completed: the stream takes no more.</summary>
    public ValueTask<FlushResult> WriteAsync(Http2Stream stream, ReadOnlyMemory<byte> data)
    {
        TaskCompletionSource<FlushResult>? done = null;
        lock (_gate)
        {
            if (!IsOpen(stream))
            {
                return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: true));
            }

            data = AppendData(stream, data);
            if (!data.IsEmpty)
            {
                done = new TaskCompletionSource<FlushResult>(TaskCreationOptions.RunContinuationsAsynchronously);
                stream.Blocked = data;
                stream.BlockedDone = done;
                _blocked.Add(stream);
            }
        }

        Pump();
        return done is null ? default : new ValueTask<FlushResult>(done.Task);
    }

    /// <summary>Sends headers of a stream: a response's first ones, or those that end it.</summary>
    public void SendHeaders(Http2Stream stream, byte[] headers, bool isEnd)
    {
        lock (_gate)
        {
            if (!IsOpen(stream))
            {
                return;
            }

            var end = isEnd ? Http2Flags.EndOrAck : Http2Flags.None;
            Append(Http2FrameType.Headers, Http2Flags.EndHeaders | end, stream.Id, headers);
            if (isEnd)
            {
                stream.HasSentEnd = true;
                if (!stream.HasReceivedEnd)
                {
                    // The call is over; nobody reads what the client may still send (RFC 9113 §8.1).
                    AppendReset(stream.Id, Http2Error.None);
                }

                Forget(stream);
            }
        }

        Pump();
    }

    /// <summary>Nothing more is sent on a stream.</summary>
    public void EndSending(Http2Stream stream)
    {
        lock (_gate)
        {
            if (!IsOpen(stream))
            {
                return;
            }

            Append(Http2FrameType.Data, Http2Flags.EndOrAck, stream.Id, []);
            stream.HasSentEnd = true;
            if (stream.HasReceivedEnd)
            {
                Forget(stream);
            }
        }

        Pump();
    }

    /// <summary>Gives a stream up; one that has ended stays as it is.</summary>
    public void Reset(Http2Stream stream, Http2Error error)
    {
        lock (_gate)
        {
            if (_broken is not null || !_streams.ContainsKey(stream.Id))
            {
                return;
            }

            AppendReset(stream.Id, error);
            Forget(stream);
        }

        Pump();
    }

    /// <summary>Lets the other side send more.</summary>
    public void SendWindowUpdate(int streamId, int bytes)
    {
        lock (_gate)
        {
            if (_broken is not null || (streamId != 0 && !_streams.ContainsKey(streamId)))
            {
                return;
            }

            AppendWindowUpdate(streamId, bytes);
        }

        Pump();
    }

    /// <summary>Takes no more streams; ends once those that are open have ended, or at once with an error.</summary>
    public void GoAway(Http2Error error = Http2Error.None)
    {
        lock (_gate)
        {
            if (_isGoing || _broken is not null)
            {
                return;
            }

            _isGoing = true;
            _hasFailed = error != Http2Error.None;
            Span<byte> payload = stackalloc byte[2 * sizeof(uint)];
            BinaryPrimitives.WriteInt32BigEndian(payload, _lastAccepted);
            BinaryPrimitives.WriteInt32BigEndian(payload[sizeof(uint)..], (int)error);
            Append(Http2FrameType.GoAway, Http2Flags.None, 0, payload);
        }

        Pump();
    }

    /// <summary>Ends the link and everything on it now; the first reason stays.</summary>
    public void Break(Exception reason)
    {
        lock (_gate)
        {
            if (_broken is not null)
            {
                return;
            }

            _broken = reason;
        }

        // The reader wakes and tells the streams: it alone may end what it writes to.
        _socket.Dispose();
    }

    /// <summary>Ends the link.</summary>
    public void Dispose() => Break(new ObjectDisposedException(nameof(Http2Link)));

    private bool IsOpen(Http2Stream stream) =>
        _broken is null && !stream.HasSentEnd && _streams.ContainsKey(stream.Id);

    // Under the gate.
    private void Forget(Http2Stream stream)
    {
        if (_streams.Remove(stream.Id) && stream.BlockedDone is { } waiting)
        {
            _blocked.Remove(stream);
            stream.BlockedDone = null;
            waiting.TrySetResult(new FlushResult(isCanceled: false, isCompleted: true));
        }
    }
}
