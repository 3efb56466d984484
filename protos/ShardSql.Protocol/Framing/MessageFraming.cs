using System;
using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;

namespace ShardSql.Protocol.Framing;

/// <summary>
/// Length-prefixed messages (gRPC over HTTP/2, "Length-Prefixed-Message"): one byte of compression flag, four bytes of
/// length, big-endian, then the message.
/// </summary>
public static class MessageFraming
{
    /// <summary>Bytes before each message.</summary>
    public const int HeaderBytes = 5;

    private const byte Uncompressed = 0;
    private const byte Compressed = 1;

    /// <summary>Writes one frame into the writer's own buffer; the caller flushes.</summary>
    public static void Write(IBufferWriter<byte> writer, IMessage message, int messageBytes)
    {
        Write(writer.GetSpan(HeaderBytes + messageBytes), message, messageBytes);
        writer.Advance(HeaderBytes + messageBytes);
    }

    /// <summary>Writes one frame to the beginning of a span.</summary>
    public static void Write(Span<byte> destination, IMessage message, int messageBytes)
    {
        destination[0] = Uncompressed;
        BinaryPrimitives.WriteUInt32BigEndian(destination[1..], (uint)messageBytes);
        message.WriteTo(destination.Slice(HeaderBytes, messageBytes));
    }

    /// <summary>Refuses a message above the limit.</summary>
    public static GrpcException TooLarge(long messageBytes, int maxMessageBytes) => new(
        GrpcStatusCode.ResourceExhausted, $"message of {messageBytes} bytes exceeds the limit of {maxMessageBytes}");

    /// <summary>
    /// Cuts the next whole message off the front of the buffer. False when it has not arrived yet. The length is judged
    /// before anything is kept for it: above the limit RESOURCE_EXHAUSTED, a compressed message UNIMPLEMENTED.
    /// </summary>
    public static bool TryRead(
        ref ReadOnlySequence<byte> buffer, int maxMessageBytes, out ReadOnlySequence<byte> payload)
    {
        payload = default;
        if (!TryReadLength(buffer, maxMessageBytes, out var length))
        {
            return false;
        }

        payload = buffer.Slice(HeaderBytes, length);
        buffer = buffer.Slice(payload.End);
        return true;
    }

    /// <summary>True when <see cref="TryRead"/> would cut a message off this buffer, or refuse it.</summary>
    public static bool HoldsMessage(in ReadOnlySequence<byte> buffer, int maxMessageBytes) =>
        TryReadHeader(buffer, out var flag, out var length)
        && (flag != Uncompressed || length > maxMessageBytes || buffer.Length - HeaderBytes >= length);

    /// <summary>Reads a message from its bytes; what protobuf refuses is INVALID_ARGUMENT.</summary>
    public static T Parse<T>(MessageParser<T> parser, ReadOnlySequence<byte> payload)
        where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(payload);
        }
        // Some malformed bytes make its parser read outside of its own arrays.
        catch (Exception e) when (e is InvalidProtocolBufferException or IndexOutOfRangeException or ArgumentException)
        {
            throw new GrpcException(GrpcStatusCode.InvalidArgument, $"malformed message: {e.Message}", e);
        }
    }

    private static bool TryReadLength(in ReadOnlySequence<byte> buffer, int maxMessageBytes, out long length)
    {
        if (!TryReadHeader(buffer, out var flag, out length))
        {
            return false;
        }

        CheckFlag(flag);
        return length > maxMessageBytes
            ? throw TooLarge(length, maxMessageBytes)
            : buffer.Length - HeaderBytes >= length;
    }

    private static bool TryReadHeader(in ReadOnlySequence<byte> buffer, out byte flag, out long length)
    {
        flag = 0;
        length = 0;
        if (buffer.Length < HeaderBytes)
        {
            return false;
        }

        Span<byte> header = stackalloc byte[HeaderBytes];
        buffer.Slice(0, HeaderBytes).CopyTo(header);
        flag = header[0];
        length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        return true;
    }

    private static void CheckFlag(byte flag)
    {
        if (flag == Compressed)
        {
            throw new GrpcException(GrpcStatusCode.Unimplemented, "compressed messages are not supported");
        }

        if (flag != Uncompressed)
        {
            throw new GrpcException(GrpcStatusCode.Internal, $"malformed frame: compression flag {flag}");
        }
    }
}
