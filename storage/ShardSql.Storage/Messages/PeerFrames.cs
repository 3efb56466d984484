using System;

using Google.Protobuf;

using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;

namespace ShardSql.Storage.Messages;

/// <summary>Frames of messages with their checksum: what came out of a stream other than it went in is never read.
/// </summary>
internal static class PeerFrames
{
    /// <summary>A frame of messages, each behind its length.</summary>
    public static NodeFrame Of(ReadOnlyMemory<byte> messages) => new()
    {
        Messages = UnsafeByteOperations.UnsafeWrap(messages),
        Checksum = Crc32C.Compute(messages.Span),
    };

    /// <summary>The messages of a frame; empty for a frame of another kind.</summary>
    /// <exception cref="GrpcException">They are not what was sent; the stream ends, as if it had been lost.</exception>
    public static ReadOnlyMemory<byte> MessagesOf(NodeFrame frame)
    {
        if (frame.FrameCase != NodeFrame.FrameOneofCase.Messages)
        {
            return default;
        }

        if (Crc32C.Compute(frame.Messages.Span) != frame.Checksum)
        {
            throw new GrpcException(GrpcStatusCode.InvalidArgument, "the checksum of a frame does not match its messages");
        }

        return frame.Messages.Memory;
    }
}
