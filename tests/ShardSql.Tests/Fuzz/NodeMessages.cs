using System;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Sql.Values;
using ShardSql.Storage.Client;
using ShardSql.Storage.Messages;
using ShardSql.Tests.Execution;
using ShardSql.Tests.Storage.Nodes;
using ShardSql.Transactions;

namespace ShardSql.Tests.Fuzz;

/// <summary>Good messages of gateways and participants to a node, one of each kind and plans of each statement.</summary>
internal sealed class NodeMessages
{
    private static readonly string[] s_statements =
    [
        "SELECT * FROM t",
        "SELECT b, count(*), sum(a), avg(c), min(b) FROM t WHERE a > 0 GROUP BY b HAVING count(*) > 0 ORDER BY 2 DESC LIMIT 3",
        "SELECT DISTINCT upper(b) || 'x', CASE WHEN a > 1 THEN c ELSE 0 END FROM t WHERE id IN (1, 2, 3) OR b LIKE '%x'",
        "SELECT id FROM t WHERE id BETWEEN 1 AND 9 ORDER BY a, id LIMIT 2 OFFSET 1",
        "INSERT INTO t VALUES (1, 2, 'x', 1.5), (2, 3, NULL, NULL) RETURNING id",
        "UPDATE t SET a = a + 1, b = b || @p WHERE a < @q RETURNING a",
        "DELETE FROM t WHERE id = 1 RETURNING *",
    ];

    private readonly HlcTimestamp _now;
    private ulong _sequence;

    /// <summary>Messages for a cluster of three shards whose wall clock shows a time.</summary>
    public NodeMessages(long wallMs) => _now = HlcTimestamp.FromPhysicalMs(wallMs) with { Source = 99 };

    /// <summary>One message of each.</summary>
    public List<byte[]> All()
    {
        List<byte[]> messages = [.. Fragments(), .. Ones()];
        TxnId id = NextId();
        ShardId[] pair = [new ShardId(1), new ShardId(2)];
        foreach (ShardId shard in pair)
        {
            messages.Add(Request(shard, RequestKind.Prepare, body => CommitCodec.Write(
                body, new PrepareRequest(id, _now, pair, Share((byte)shard.Value)))));
            messages.Add(Request(shard, RequestKind.Query, body => CommitCodec.Write(body, new QueryRequest(id, _now, pair))));
            messages.Add(ForLeader(StorageMessageKind.Decide, shard, body => CommitCodec.Write(
                body, new DecideNotice(id, _now, [.. pair.Select(voter => Yes(voter))]))));
            messages.Add(ForLeader(StorageMessageKind.Vote, shard, body =>
            {
                body.WriteTxnId(id);
                Yes(pair[0]).Write(body);
            }));
            messages.Add(ForLeader(StorageMessageKind.Query, shard, body =>
            {
                body.WriteVarint(1);
                CommitCodec.Write(body, new QueryRequest(id, _now, pair));
            }));
            messages.Add(ForLeader(StorageMessageKind.Report, shard, body =>
            {
                body.WriteTxnId(id);
                body.WriteVarint(1);
                body.WriteBoolean(true);
            }));
        }

        messages.Add(Request(pair[0], RequestKind.Continue, body => body.WriteVarint(1)));
        messages.Add(Request(pair[0], RequestKind.Status, _ => { }));
        messages.Add(Request(pair[0], RequestKind.Attempts, body => body.WriteTxnId(id)));
        messages.Add(Message(StorageMessageKind.OldestSnapshot, body =>
        {
            body.WriteUInt64(7);
            body.WriteStamp(_now);
        }));
        messages.Add(Message(StorageMessageKind.CloseCursor, body =>
        {
            body.WriteVarint(1);
            body.WriteVarint(1);
        }));
        messages.Add(Message(StorageMessageKind.Clock, body => body.WriteUInt64(_now.PhysicalMs > 0 ? 1UL : 0)));
        return messages;
    }

    /// <summary>A ONE that a healthy leader commits.</summary>
    public byte[] Commit(ShardId shard, byte key) =>
        Request(shard, RequestKind.One, body => CommitCodec.Write(body, new OneRequest { Id = NextId(), Share = Write(key) }));

    private static TransactionShare Write(byte key) => new() { Writes = { new KeyWrite([200, key], [1]) } };

    private static Vote Yes(ShardId shard) => new(shard, true, HlcTimestamp.Zero, HlcTimestamp.Infinity, RefusalReason.None, null, default);

    private static byte[] Request(ShardId shard, RequestKind kind, Action<ByteWriter> body)
    {
        ByteWriter writer = NodeHarness.Request(shard, kind);
        body(writer);
        return writer.ToArray();
    }

    private static byte[] ForLeader(StorageMessageKind kind, ShardId shard, Action<ByteWriter> body) => Message(kind, writer =>
    {
        writer.WriteByte(0);
        writer.WriteVarint(shard.Value);
        body(writer);
    });

    private static byte[] Message(StorageMessageKind kind, Action<ByteWriter> body)
    {
        var writer = new ByteWriter();
        writer.WriteByte((byte)kind);
        body(writer);
        return writer.ToArray();
    }

    private IEnumerable<byte[]> Fragments()
    {
        var database = new MemoryDatabase(3);
        database.Run("CREATE TABLE t (id int PRIMARY KEY, a int, b text, c decimal(9,2), CHECK (a < 100))");
        foreach (string statement in s_statements)
        {
            foreach (var task in database.Plan(
                statement, ("p", SqlValue.FromText("y")), ("q", SqlValue.FromInt32(50))).Tasks)
            {
                yield return Request(task.Shard, RequestKind.Fragment, body => FragmentCodec.Write(body, new FragmentRequest
                {
                    Begin = _now,
                    AtNewest = true,
                    Fragment = task.Fragment.ToArray(),
                    Parameters = task.Parameters.ToArray(),
                    WantReadSet = true,
                    BatchBytes = 1 << 16,
                }));
                yield return Request(task.Shard, RequestKind.One, body => CommitCodec.Write(body, new OneRequest
                {
                    Id = NextId(),
                    Fragment = task.Fragment.ToArray(),
                    Parameters = task.Parameters.ToArray(),
                    Guards = [new Guard(GuardKind.Table, 1024, 0)],
                }));
            }
        }
    }

    private IEnumerable<byte[]> Ones()
    {
        foreach (byte key in (byte[])[1, 2, 3])
        {
            yield return Request(new ShardId(key), RequestKind.One, body => CommitCodec.Write(
                body, new OneRequest { Id = NextId(), After = _now, Share = Share(key) }));
        }
    }

    private TransactionShare Share(byte key) => new()
    {
        Begin = _now,
        Reads = { new KeyRead([1, key], HlcTimestamp.Zero), new KeyRead([2, key], _now) },
        Ranges = { KeyRange.Prefix([3, key]) },
        Writes = { new KeyWrite([1, key], [42, 43]), new KeyWrite([4, key], null) },
        Guards = { new Guard(GuardKind.Table, 1024, 0) },
        NewGuards = { new Guard(GuardKind.Segment, 5, 1) },
    };

    private TxnId NextId() => new(7, ++_sequence, 0);
}
