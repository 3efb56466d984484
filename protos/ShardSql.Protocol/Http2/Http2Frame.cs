using System;
using System.Buffers.Binary;
using System.IO;

namespace ShardSql.Protocol.Http2;

/// <summary>Types of frames (RFC 9113 §6) that a link knows.</summary>
internal enum Http2FrameType : byte
{
    Data = 0x0,
    Headers = 0x1,
    Priority = 0x2,
    ResetStream = 0x3,
    Settings = 0x4,
    PushPromise = 0x5,
    Ping = 0x6,
    GoAway = 0x7,
    WindowUpdate = 0x8,
    Continuation = 0x9,
}

/// <summary>Flags of frames (RFC 9113 §6).</summary>
[Flags]
internal enum Http2Flags : byte
{
    None = 0,

    /// <summary>END_STREAM of DATA and HEADERS; ACK of SETTINGS and PING.</summary>
    EndOrAck = 0x1,
    EndHeaders = 0x4,
    Padded = 0x8,
    Priority = 0x20,
}

/// <summary>Error codes (RFC 9113 §7).</summary>
internal enum Http2Error
{
    None = 0x0,
    Protocol = 0x1,
    Internal = 0x2,
    FlowControl = 0x3,
    StreamClosed = 0x5,
    FrameSize = 0x6,
    RefusedStream = 0x7,
    Cancel = 0x8,
    Compression = 0x9,
    EnhanceYourCalm = 0xB,
    InadequateSecurity = 0xC,
}

/// <summary>The nine bytes before each frame's payload (RFC 9113 §4.1).</summary>
internal readonly record struct Http2FrameHeader(int Length, Http2FrameType Type, Http2Flags Flags, int StreamId)
{
    public const int Bytes = 9;

    public static Http2FrameHeader Read(ReadOnlySpan<byte> source) => new(
        (source[0] << 16) | (source[1] << 8) | source[2],
        (Http2FrameType)source[3],
        (Http2Flags)source[4],
        (int)(BinaryPrimitives.ReadUInt32BigEndian(source[5..]) & int.MaxValue));

    /// <summary>The 31 bits with which RST_STREAM and WINDOW_UPDATE begin.</summary>
    public static int ReadNumber(ReadOnlySpan<byte> payload) => payload.Length >= sizeof(int)
        ? BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue
        : throw new Http2Exception(Http2Error.FrameSize, "a frame shorter than its number");

    public void Write(Span<byte> destination)
    {
        destination[0] = (byte)(Length >> 16);
        destination[1] = (byte)(Length >> 8);
        destination[2] = (byte)Length;
        destination[3] = (byte)Type;
        destination[4] = (byte)Flags;
        BinaryPrimitives.WriteUInt32BigEndian(destination[5..], (uint)StreamId);
    }
}

/// <summary>The other side broke the rules of HTTP/2; the connection ends with this code.</summary>
internal sealed class Http2Exception(Http2Error error, string message) : Exception(message)
{
    public Http2Error Error => error;
}

/// <summary>The other side gave a stream up.</summary>
internal sealed class StreamResetException(Http2Error error) : IOException($"the stream was reset: {error}")
{
    public Http2Error Error => error;
}
