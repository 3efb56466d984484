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

        MoveTable.WriteRanges(writer, request.Ranges);
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

        return new CopyRequest
        {
            Segment = segment,
            Keys = keys,
            Ranges = MoveTable.ReadRanges(ref reader),
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

    public static void Write(ByteWriter writer, SumRequest request)
    {
        MoveTable.WriteRanges(writer, request.Ranges);
        writer.WriteStamp(request.At);
        writer.WriteVarint((ulong)request.MaxKeys);
    }

    public static SumRequest ReadSum(ref ByteReader reader) =>
        new(MoveTable.ReadRanges(ref reader), reader.ReadStamp(), (int)reader.ReadVarint32());

    public static void Write(ByteWriter writer, SumReply reply)
    {
        writer.WriteStamp(reply.Horizon);
        writer.WriteVarint((ulong)reply.Rows);
        writer.WriteUInt64(reply.Checksum);
        writer.WriteNullableBytes(reply.Next);
    }

    public static SumReply ReadSumReply(ref ByteReader reader) =>
        new(reader.ReadStamp(), (long)reader.ReadVarint(), reader.ReadUInt64(), reader.ReadNullableBytes());

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
