using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Storage.Client;
using ShardSql.Transactions;

namespace ShardSql.Storage.Messages;

/// <summary>Commit requests, votes and reports as bytes.</summary>
internal static class CommitCodec
{
    public static void Write(ByteWriter writer, OneRequest request)
    {
        writer.WriteTxnId(request.Id);
        writer.WriteStamp(request.After);
        writer.WriteBoolean(request.Share is not null);
        if (request.Share is { } share)
        {
            share.Write(writer);
            FragmentCodec.WriteWish(writer, request.WantTimes);
            return;
        }

        writer.WriteBytes(request.Fragment);
        writer.WriteBytes(request.Parameters);
        TransactionShare.WriteGuards(writer, request.Guards);
        FragmentCodec.WriteWish(writer, request.WantTimes);
    }

    public static OneRequest ReadOne(ref ByteReader reader)
    {
        TxnId id = reader.ReadTxnId();
        HlcTimestamp after = reader.ReadStamp();
        if (reader.ReadBoolean())
        {
            return new OneRequest
            {
                Id = id,
                After = after,
                Share = ReadShare(ref reader),
                WantTimes = FragmentCodec.ReadWish(ref reader),
            };
        }

        byte[] fragment = reader.ReadBytes();
        byte[] parameters = reader.ReadBytes();
        var guards = new List<Guard>();
        TransactionShare.ReadGuards(ref reader, guards);
        return new OneRequest
        {
            Id = id,
            After = after,
            Fragment = fragment,
            Parameters = parameters,
            Guards = guards,
            WantTimes = FragmentCodec.ReadWish(ref reader),
        };
    }

    public static void Write(ByteWriter writer, OneReply reply)
    {
        writer.WriteByte((byte)reply.Status);
        writer.WriteBoolean(reply.Vote is not null);
        reply.Vote?.Write(writer);
        writer.WriteStamp(reply.Stamp);
        writer.WriteBytes(reply.Rows);
        writer.WriteVarint((ulong)reply.RowCount);
        writer.WriteVarint((ulong)reply.RowsAffected);
        FragmentCodec.WriteCounts(writer, reply.Statements);
        FragmentCodec.WriteFailure(writer, reply.Failure);
        reply.Times?.Write(writer);
    }

    public static OneReply ReadOneReply(ref ByteReader reader)
    {
        var status = (ReplyStatus)reader.ReadByte();
        Vote? vote = reader.ReadBoolean() ? Vote.Read(ref reader) : null;
        HlcTimestamp stamp = reader.ReadStamp();
        byte[] rows = reader.ReadBytes();
        int count = (int)reader.ReadVarint32();
        long affected = (long)reader.ReadVarint();
        List<StatementCount> statements = FragmentCodec.ReadCounts(ref reader);
        return new OneReply
        {
            Status = status,
            Vote = vote,
            Stamp = stamp,
            Rows = rows,
            RowCount = count,
            RowsAffected = affected,
            Statements = statements,
            Failure = FragmentCodec.ReadFailure(ref reader),
            Times = RequestTimes.Read(ref reader),
        };
    }

    public static void Write(ByteWriter writer, PrepareRequest request)
    {
        Write(writer, new QueryRequest(request.Id, request.Stamp, request.Participants));
        request.Share.Write(writer);
        FragmentCodec.WriteWish(writer, request.Times is not null);
    }

    public static PrepareRequest ReadPrepare(ref ByteReader reader, ShardId addressee)
    {
        QueryRequest head = ReadQuery(ref reader, addressee);
        TransactionShare share = ReadShare(ref reader);
        return new PrepareRequest(head.Id, head.Stamp, head.Participants, share)
        {
            Times = FragmentCodec.ReadWish(ref reader) ? new TimesTaken() : null,
        };
    }

    public static void Write(ByteWriter writer, QueryRequest request)
    {
        writer.WriteTxnId(request.Id);
        writer.WriteStamp(request.Stamp);
        writer.WriteVarint((ulong)request.Participants.Count);
        foreach (ShardId shard in request.Participants)
        {
            writer.WriteVarint(shard.Value);
        }
    }

    /// <summary>Reads a question about a transaction that the addressee is a participant of.</summary>
    public static QueryRequest ReadQuery(ref ByteReader reader, ShardId addressee)
    {
        QueryRequest query = ReadQuery(ref reader);
        if (!IsAmong(query.Participants, addressee))
        {
            reader.Fail();
        }

        return query;
    }

    private static QueryRequest ReadQuery(ref ByteReader reader)
    {
        TxnId id = reader.ReadTxnId();
        HlcTimestamp stamp = reader.ReadStamp();
        var participants = new List<ShardId>();
        for (int i = reader.ReadCount(); i > 0; i--)
        {
            participants.Add(new ShardId(reader.ReadVarint32()));
        }

        return new QueryRequest(id, stamp, participants);
    }

    public static void Write(ByteWriter writer, DecideNotice notice)
    {
        writer.WriteTxnId(notice.Id);
        writer.WriteStamp(notice.Stamp);
        writer.WriteVarint((ulong)notice.Votes.Count);
        foreach (Vote vote in notice.Votes)
        {
            vote.Write(writer);
        }
    }

    public static DecideNotice ReadDecide(ref ByteReader reader)
    {
        TxnId id = reader.ReadTxnId();
        HlcTimestamp stamp = reader.ReadStamp();
        var votes = new List<Vote>();
        for (int i = reader.ReadCount(4); i > 0; i--)
        {
            votes.Add(Vote.Read(ref reader));
        }

        return new DecideNotice(id, stamp, votes);
    }

    public static void Write(ByteWriter writer, AttemptReport report)
    {
        writer.WriteBoolean(report.Committed);
        writer.WriteStamp(report.Stamp);
        writer.WriteBoolean(report.Forgotten);
        writer.WriteVarint((ulong)report.Undecided.Count);
        foreach (QueryRequest undecided in report.Undecided)
        {
            Write(writer, undecided);
        }
    }

    public static AttemptReport ReadReport(ref ByteReader reader)
    {
        bool committed = reader.ReadBoolean();
        HlcTimestamp stamp = reader.ReadStamp();
        bool forgotten = reader.ReadBoolean();
        var undecided = new List<QueryRequest>();
        for (int i = reader.ReadCount(30); i > 0; i--)
        {
            undecided.Add(ReadQuery(ref reader));
        }

        return new AttemptReport(committed, stamp, undecided, forgotten);
    }

    public static void Write(ByteWriter writer, IReadOnlyList<PreparedTransaction> prepared)
    {
        writer.WriteVarint((ulong)prepared.Count);
        foreach (PreparedTransaction one in prepared)
        {
            Write(writer, one.Attempt);
            writer.WriteVarint((ulong)one.Reads);
            writer.WriteVarint((ulong)one.Ranges);
            writer.WriteVarint((ulong)one.Writes);
            writer.WriteVarint((ulong)one.Missing.Count);
            foreach (ShardId shard in one.Missing)
            {
                writer.WriteVarint(shard.Value);
            }
        }
    }

    public static List<PreparedTransaction> ReadPrepared(ref ByteReader reader, ShardId shard)
    {
        var prepared = new List<PreparedTransaction>();
        for (int i = reader.ReadCount(30); i > 0 && !reader.Failed; i--)
        {
            QueryRequest attempt = ReadQuery(ref reader, shard);
            int reads = (int)reader.ReadVarint32();
            int ranges = (int)reader.ReadVarint32();
            int writes = (int)reader.ReadVarint32();
            var missing = new List<ShardId>();
            for (int j = reader.ReadCount(); j > 0; j--)
            {
                missing.Add(new ShardId(reader.ReadVarint32()));
            }

            prepared.Add(new PreparedTransaction(attempt, reads, ranges, writes, missing));
        }

        return prepared;
    }

    private static TransactionShare ReadShare(ref ByteReader reader)
    {
        TransactionShare share = TransactionShare.Read(ref reader);
        if (!share.HasEachKeyOnce())
        {
            reader.Fail();
        }

        return share;
    }

    // Participants come in the order of shards, each once: votes are matched to them.
    private static bool IsAmong(IReadOnlyList<ShardId> participants, ShardId shard)
    {
        bool found = false;
        for (int i = 0; i < participants.Count; i++)
        {
            if (i > 0 && participants[i].Value <= participants[i - 1].Value)
            {
                return false;
            }

            found |= participants[i] == shard;
        }

        return found;
    }

    public static void Write(ByteWriter writer, ShardStatus status)
    {
        writer.WriteVarint(status.Shard.Value);
        writer.WriteVarint(status.Leader.Value);
        writer.WriteVarint(status.Applied.Value);
        writer.WriteNodes(status.Replicas);
        writer.WriteVarint((ulong)status.Counters.Count);
        foreach ((string name, long value) in status.Counters)
        {
            writer.WriteString(name);
            writer.WriteUInt64((ulong)value);
        }
    }

    public static ShardStatus ReadStatus(ref ByteReader reader)
    {
        var shard = new ShardId(reader.ReadVarint32());
        var leader = new NodeId(reader.ReadVarint32());
        var applied = new Slot(reader.ReadVarint());
        List<NodeId> replicas = reader.ReadNodes();
        var counters = new List<KeyValuePair<string, long>>();
        for (int i = reader.ReadCount(9); i > 0; i--)
        {
            counters.Add(new KeyValuePair<string, long>(reader.ReadString(), (long)reader.ReadUInt64()));
        }

        return new ShardStatus
        {
            Shard = shard,
            Leader = leader,
            Applied = applied,
            Replicas = replicas,
            Counters = counters,
        };
    }
}
