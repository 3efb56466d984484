using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Storage.Client;
using ShardSql.Transactions;

namespace ShardSql.Storage.Messages;

/// <summary>Fragments and their replies as bytes.</summary>
internal static class FragmentCodec
{
    public static void Write(ByteWriter writer, FragmentRequest request)
    {
        writer.WriteStamp(request.Begin);
        writer.WriteBoolean(request.AtNewest);
        writer.WriteBytes(request.Fragment);
        writer.WriteBytes(request.Parameters);
        TransactionShare.WriteGuards(writer, request.Guards);
        TransactionShare.WriteWrites(writer, request.Overlay);
        writer.WriteBoolean(request.WantReadSet);
        writer.WriteBoolean(request.ReadsFormer);
        writer.WriteVarint((ulong)request.BatchBytes);
        WriteWish(writer, request.WantTimes);
    }

    /// <summary>Nothing is written where nothing is wanted.</summary>
    public static void WriteWish(ByteWriter writer, bool isWanted)
    {
        if (isWanted)
        {
            writer.WriteBoolean(true);
        }
    }

    public static bool ReadWish(ref ByteReader reader) => reader.Remaining > 0 && reader.ReadBoolean();

    public static FragmentRequest ReadRequest(ref ByteReader reader)
    {
        HlcTimestamp begin = reader.ReadStamp();
        bool atNewest = reader.ReadBoolean();
        byte[] fragment = reader.ReadBytes();
        byte[] parameters = reader.ReadBytes();
        var guards = new List<Guard>();
        TransactionShare.ReadGuards(ref reader, guards);
        var overlay = new List<KeyWrite>();
        TransactionShare.ReadWrites(ref reader, overlay);
        return new FragmentRequest
        {
            Begin = begin,
            AtNewest = atNewest,
            Fragment = fragment,
            Parameters = parameters,
            Guards = guards,
            Overlay = overlay,
            WantReadSet = reader.ReadBoolean(),
            ReadsFormer = reader.ReadBoolean(),
            BatchBytes = (int)(reader.ReadVarint32() & int.MaxValue),
            WantTimes = ReadWish(ref reader),
        };
    }

    public static void Write(ByteWriter writer, FragmentReply reply)
    {
        writer.WriteByte((byte)reply.Status);
        writer.WriteStamp(reply.Begin);
        writer.WriteBytes(reply.Rows);
        writer.WriteVarint((ulong)reply.RowCount);
        writer.WriteVarint(reply.Cursor);
        writer.WriteVarint((ulong)reply.RowsAffected);
        WriteCounts(writer, reply.Statements);
        TransactionShare.WriteWrites(writer, reply.Writes);
        writer.WriteVarint((ulong)reply.Reads.Count);
        foreach (KeyRead read in reply.Reads)
        {
            writer.WriteBytes(read.Key);
            writer.WriteStamp(read.Cstamp);
        }

        writer.WriteVarint((ulong)reply.Ranges.Count);
        foreach (KeyRange range in reply.Ranges)
        {
            writer.WriteRange(range);
        }

        writer.WriteStamp(reply.PiHint);
        writer.WriteStamp(reply.EtaHint);
        writer.WriteStamp(reply.MovePast);
        WriteFailure(writer, reply.Failure);
        reply.Times?.Write(writer);
    }

    public static FragmentReply ReadReply(ref ByteReader reader)
    {
        var status = (ReplyStatus)reader.ReadByte();
        HlcTimestamp begin = reader.ReadStamp();
        byte[] rows = reader.ReadBytes();
        int count = (int)reader.ReadVarint32();
        ulong cursor = reader.ReadVarint();
        long affected = (long)reader.ReadVarint();
        List<StatementCount> statements = ReadCounts(ref reader);
        var writes = new List<KeyWrite>();
        TransactionShare.ReadWrites(ref reader, writes);
        var reads = new List<KeyRead>();
        for (int i = reader.ReadCount(1 + HlcTimestamp.EncodedLength); i > 0; i--)
        {
            reads.Add(new KeyRead(reader.ReadBytes(), reader.ReadStamp()));
        }

        var ranges = new List<KeyRange>();
        for (int i = reader.ReadCount(2); i > 0; i--)
        {
            ranges.Add(reader.ReadRange());
        }

        return new FragmentReply
        {
            Status = status,
            Begin = begin,
            Rows = rows,
            RowCount = count,
            Cursor = cursor,
            RowsAffected = affected,
            Statements = statements,
            Writes = writes,
            Reads = reads,
            Ranges = ranges,
            PiHint = reader.ReadStamp(),
            EtaHint = reader.ReadStamp(),
            MovePast = reader.ReadStamp(),
            Failure = ReadFailure(ref reader),
            Times = RequestTimes.Read(ref reader),
        };
    }

    public static void WriteCounts(ByteWriter writer, IReadOnlyList<StatementCount> statements)
    {
        writer.WriteVarint((ulong)statements.Count);
        foreach (StatementCount statement in statements)
        {
            writer.WriteVarint((ulong)statement.RowCount);
            writer.WriteVarint((ulong)statement.RowsAffected);
        }
    }

    public static List<StatementCount> ReadCounts(ref ByteReader reader)
    {
        var statements = new List<StatementCount>();
        for (int i = reader.ReadCount(2); i > 0; i--)
        {
            statements.Add(new StatementCount((int)reader.ReadVarint32(), (long)reader.ReadVarint()));
        }

        return statements;
    }

    public static void WriteFailure(ByteWriter writer, StatementFailure? failure)
    {
        writer.WriteBoolean(failure is not null);
        failure?.Write(writer);
    }

    public static StatementFailure? ReadFailure(ref ByteReader reader) =>
        reader.ReadBoolean() ? StatementFailure.Read(ref reader) : null;
}
