using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Protocol.Http2;

/// <summary>What arrives: frames and their streams.</summary>
internal sealed partial class Http2Link
{
    private const int ReadBytes = 128 * 1024;

    // All frames but DATA are taken whole.
    private const int WholeFrameBytesMax = HeaderBlock.BytesMax + Http2FrameHeader.Bytes;
    private const int ConnectionGrantBytes = 1 << 29;

    private readonly List<Http2Stream> _touched = [];
    private int _skip;
    private int _lastAccepted;
    private int _connectionUngranted;
    private Http2Stream? _dataStream;
    private int _dataRest;
    private bool _dataEnds;
    private bool _hasSettings;

    /// <summary>Takes a request's stream and headers, at a server, on the link's reader. Set before the start.</summary>
    public Action<Http2Link, Http2Stream, Dictionary<string, string>>? OnRequest { get; init; }

    /// <summary>Whether the stream of a request's headers is read where its bytes arrive. Set before the start.</summary>
    public Func<Dictionary<string, string>, bool>? ReadsInline { get; init; }

    private async Task ReadAsync()
    {
        Exception end = new IOException("the other side has closed the connection");
        try
        {
            _skip = _isClient ? 0 : Http2Settings.PrefaceBytes;
            await ReadFramesAsync().ConfigureAwait(false);
        }
        catch (Http2Exception e)
        {
            GoAway(e.Error);
            end = e;
            await DrainAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            end = e;
        }

        Break(end);
        End();
    }

    private async Task ReadFramesAsync()
    {
        var buffer = GC.AllocateUninitializedArray<byte>(ReadBytes, pinned: true);
        var held = 0;
        while (true)
        {
            var read = await _socket.ReceiveAsync(buffer.AsMemory(held), SocketFlags.None).ConfigureAwait(false);
            if (read == 0)
            {
                return;
            }

            NoteAlive();
            held += read;
            var rest = TakeFrames(buffer.AsSpan(0, held)).Length;
            buffer.AsSpan(held - rest, rest).CopyTo(buffer);
            held = rest;
            foreach (var stream in _touched)
            {
                stream.Flush();
            }

            _touched.Clear();
        }
    }

    // Takes what is whole, and any part of a DATA frame; gives back the rest.
    private ReadOnlySpan<byte> TakeFrames(ReadOnlySpan<byte> bytes)
    {
        var skipped = Math.Min(_skip, bytes.Length);
        _skip -= skipped;
        bytes = bytes[skipped..];
        while (true)
        {
            if (_dataRest > 0 || _dataEnds)
            {
                if (!TryTakeData(ref bytes))
                {
                    return bytes;
                }
            }
            else if (bytes.Length < Http2FrameHeader.Bytes)
            {
                return bytes;
            }
            else
            {
                var header = Http2FrameHeader.Read(bytes);
                if (header.Type == Http2FrameType.Data)
                {
                    bytes = bytes[Http2FrameHeader.Bytes..];
                    BeginData(header);
                    continue;
                }

                var length = Http2FrameHeader.Bytes + header.Length;
                if (length > WholeFrameBytesMax)
                {
                    throw new Http2Exception(Http2Error.FrameSize, $"a frame of {header.Length} bytes, type {header.Type}");
                }

                if (bytes.Length < length)
                {
                    return bytes;
                }

                TakeFrame(header, bytes[Http2FrameHeader.Bytes..length]);
                bytes = bytes[length..];
            }
        }
    }

    private void BeginData(Http2FrameHeader header)
    {
        if (header.Flags.HasFlag(Http2Flags.Padded) || header.Length > Http2Settings.FrameBytesMax || !_hasSettings)
        {
            throw new Http2Exception(Http2Error.Protocol, "a DATA frame that is padded, too long or too early");
        }

        // One that is not known was given up here while this was under way.
        _dataStream = Find(header.StreamId);
        _dataRest = header.Length;
        _dataEnds = header.Flags.HasFlag(Http2Flags.EndOrAck);
        _connectionUngranted += header.Length;
        if (_connectionUngranted >= ConnectionGrantBytes)
        {
            SendWindowUpdate(0, _connectionUngranted);
            _connectionUngranted = 0;
        }
    }

    private bool TryTakeData(ref ReadOnlySpan<byte> bytes)
    {
        var taken = Math.Min(_dataRest, bytes.Length);
        if (taken > 0 && _dataStream is { } stream)
        {
            Touch(stream);
            stream.TakeData(bytes[..taken]);
        }

        bytes = bytes[taken..];
        _dataRest -= taken;
        if (_dataRest > 0)
        {
            return false;
        }

        if (_dataEnds)
        {
            _dataEnds = false;
            if (_dataStream is { } ended)
            {
                ended.Flush();
                TakeEnd(ended);
            }
        }

        return true;
    }

    private void TakeFrame(Http2FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (!_hasSettings && header.Type != Http2FrameType.Settings)
        {
            _opened.TrySetResult(null);
            throw new Http2Exception(Http2Error.Protocol, "the first frame is not SETTINGS");
        }

        switch (header.Type)
        {
            case Http2FrameType.Headers:
                TakeHeaders(header, payload);
                break;
            case Http2FrameType.ResetStream:
                TakeReset(header.StreamId, (Http2Error)Http2FrameHeader.ReadNumber(payload));
                break;
            case Http2FrameType.Settings:
                TakeSettings(header, payload);
                break;
            case Http2FrameType.Ping:
                TakePing(header, payload);
                break;
            case Http2FrameType.GoAway:
                lock (_gate)
                {
                    _isGoing = true;
                }

                Pump();
                break;
            case Http2FrameType.WindowUpdate:
                TakeWindowUpdate(header.StreamId, Http2FrameHeader.ReadNumber(payload));
                break;
            case Http2FrameType.Priority or Http2FrameType.PushPromise or Http2FrameType.Continuation:
                throw new Http2Exception(Http2Error.Protocol, $"a frame {header.Type} on a link");
            default:
                // Unknown frames are passed over (RFC 9113 §4.1).
                break;
        }
    }

    private void TakeHeaders(Http2FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (!header.Flags.HasFlag(Http2Flags.EndHeaders)
            || (header.Flags & (Http2Flags.Padded | Http2Flags.Priority)) != 0)
        {
            throw new Http2Exception(Http2Error.Protocol, "headers that are padded, prioritised or go on");
        }

        var headers = HeaderBlock.Read(payload);
        var ends = header.Flags.HasFlag(Http2Flags.EndOrAck);
        if (Find(header.StreamId) is { } known)
        {
            Flush(known);
            known.TakeHeaders(headers, ends);
            if (ends)
            {
                TakeEnd(known);
            }
        }
        else if (!_isClient && header.StreamId > _lastAccepted)
        {
            Accept(header.StreamId, headers, ends);
        }
    }

    private void Accept(int id, Dictionary<string, string> headers, bool ends)
    {
        if (id % 2 == 0)
        {
            throw new Http2Exception(Http2Error.Protocol, $"stream {id} cannot be a client's");
        }

        _lastAccepted = id;
        Http2Stream? stream = null;
        lock (_gate)
        {
            if (_isGoing || _streams.Count >= Own.StreamsMax)
            {
                AppendReset(id, Http2Error.RefusedStream);
            }
            else
            {
                stream = new Http2Stream(this, id, ReadsInline?.Invoke(headers) ?? false, _peer.StreamWindowBytes);
                _streams.Add(id, stream);
            }
        }

        Pump();
        if (stream is not null)
        {
            if (ends)
            {
                stream.TakeEnd();
            }

            OnRequest?.Invoke(this, stream, headers);
        }
    }

    private void TakeReset(int id, Http2Error error)
    {
        if (Find(id) is { } stream)
        {
            lock (_gate)
            {
                Forget(stream);
            }

            _touched.Remove(stream);
            stream.TakeLost(new StreamResetException(error));
        }
    }

    private void TakeSettings(Http2FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.Flags.HasFlag(Http2Flags.EndOrAck))
        {
            return;
        }

        var settings = Http2Settings.Read(payload);
        if (_hasSettings || settings is null)
        {
            _opened.TrySetResult(null);
            throw new Http2Exception(Http2Error.Protocol, "SETTINGS of another implementation, or a second time");
        }

        _hasSettings = true;
        lock (_gate)
        {
            _peer = settings.Value;
            Append(Http2FrameType.Settings, Http2Flags.EndOrAck, 0, []);
        }

        Pump();
        _opened.TrySetResult(settings);
    }

    private void TakeWindowUpdate(int id, int bytes)
    {
        lock (_gate)
        {
            if (id == 0)
            {
                _sendWindow += bytes;
            }
            else if (_streams.TryGetValue(id, out var stream))
            {
                stream.SendWindow += bytes;
            }

            AppendBlocked();
        }

        Pump();
    }

    private void TakeEnd(Http2Stream stream)
    {
        stream.TakeEnd();
        lock (_gate)
        {
            // A server ends a stream by its status; a client has nothing to say after it.
            if (_isClient || stream.HasSentEnd)
            {
                Forget(stream);
            }
        }

        Pump();
    }

    private void End()
    {
        Http2Stream[] lost;
        Exception reason;
        lock (_gate)
        {
            reason = _broken!;
            lost = [.. _streams.Values];
            foreach (var stream in lost)
            {
                Forget(stream);
            }
        }

        _keepAlive?.Dispose();
        foreach (var stream in lost)
        {
            stream.TakeLost(reason);
        }

        _opened.TrySetException(reason);
        _ = _opened.Task.Exception;
        _ended.TrySetResult();
    }

    private Http2Stream? Find(int id)
    {
        lock (_gate)
        {
            return _streams.GetValueOrDefault(id);
        }
    }

    private void Touch(Http2Stream stream)
    {
        if (!_touched.Contains(stream))
        {
            _touched.Add(stream);
        }
    }

    // What came before must be seen before what ends it.
    private void Flush(Http2Stream stream)
    {
        if (_touched.Remove(stream))
        {
            stream.Flush();
        }
    }
}
