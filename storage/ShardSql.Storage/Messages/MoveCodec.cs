using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Storage.Client;
using ShardSql.Transactions.Moves;

namespace ShardSql.Storage.Messages;

/// <summary>Requests and replies of moves as bytes. A step travels as the command that it becomes.</summary>
internal static class MoveCodec
{
    public static void Write(ByteWriter writer, MoveReply reply)
    {
        writer.WriteByte((byte)reply.Verdict);
        writer.WriteVarint(reply.Applied.Value);
        writer.WriteStamp(reply.Horizon);
        writer.WriteVarint((ulong)reply.Moves.Count);
        foreach (SegmentMove move in reply.Moves)
        {
            move.Write(writer);
        }
    }

    public static MoveReply ReadReply(ref ByteReader reader)
    {
        var verdict = (MoveVerdict)reader.ReadByte();
        var applied = new Slot(reader.ReadVarint());
        HlcTimestamp horizon = reader.ReadStamp();
        var moves = new List<SegmentMove>();
        for (int i = reader.ReadCount(40); i > 0; i--)
        {
            moves.Add(SegmentMove.Read(ref reader));
        }

        return new MoveReply(verdict, applied, horizon, moves);
    }

    public static void Write(ByteWriter writer, CopyRequest request)
    {
        writer.WriteVarint(request.Segment);
        writer.WriteVarint((ulong)request.Keys.Count);
        foreach (byte[] key in request.Keys)
        {
            writer.WriteBytes(key);
        }

        writer.WriteVarint((ulong)request.Ranges.Count);
        foreach (KeyRange range in request.Ranges)
        {
            writer.WriteRange(range);
        }

        writer.WriteVarint(request.Since.Value);
        writer.WriteVarint((ulong)request.MaxBytes);
    }

    public static CopyRequest ReadCopy(ref ByteReader reader)
    {
        uint segment = reader.ReadVarint32();
        var keys = new List<byte[]>();
        for (int i = reader.ReadCount(1); i > 0; i--)
        {
            keys.Add(reader.ReadBytes());
        }

        var ranges = new List<KeyRange>();
        for (int i = reader.ReadCount(2); i > 0; i--)
        {
            ranges.Add(reader.ReadRange());
        }

        return new CopyRequest
        {
            Segment = segment,
            Keys = keys,
            Ranges = ranges,
            Since = new Slot(reader.ReadVarint()),
            MaxBytes = (int)reader.ReadVarint32(),
        };
    }

    public static void Write(ByteWriter writer, CopyReply reply)
    {
        writer.WriteVarint(reply.At.Value);
        writer.WriteStamp(reply.Horizon);
        writer.WriteTxnId(reply.Switching);
        writer.WriteVarint((ulong)reply.Copies.Count);
        foreach (KeyCopy copy in reply.Copies)
        {
            copy.Write(writer);
        }

        writer.WriteNullableBytes(reply.Next);
    }

    public static CopyReply ReadCopyReply(ref ByteReader reader)
    {
        var at = new Slot(reader.ReadVarint());
        HlcTimestamp horizon = reader.ReadStamp();
        var switching = reader.ReadTxnId();
        var copies = new List<KeyCopy>();
        for (int i = reader.ReadCount(3 + HlcTimestamp.EncodedLength); i > 0; i--)
        {
            copies.Add(KeyCopy.Read(ref reader));
        }

        return new CopyReply(at, horizon, switching, copies, reader.ReadNullableBytes());
    }

    /// <summary>Whether a staged part can be applied.</summary>
    public static bool IsWhole(byte[] part)
    {
        var reader = new ByteReader(part);
        while (reader.Remaining > 0 && !reader.Failed)
        {
            _ = KeyCopy.Read(ref reader);
        }

        return !reader.Failed;
    }
}
