using System;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Storage.Client;
using ShardSql.Storage.Messages;
using ShardSql.Storage.Nodes;
using ShardSql.Transactions;

using Xunit;

namespace ShardSql.Tests.Storage.Nodes;

/// <summary>Requests that no gateway sends: dropped, counted, and nothing comes of them.</summary>
public sealed class MalformedRequestTests
{
    private static readonly ShardId s_shard = new(1);
    private static readonly KeyWrite s_write = new([1], [2]);

    [Fact]
    public Task Prepare_that_writes_a_key_twice_is_dropped() =>
        DropsAsync(RequestKind.Prepare, body => WritePrepare(body, [1, 2], s_write, s_write));

    [Fact]
    public Task Prepare_of_other_participants_is_dropped() =>
        DropsAsync(RequestKind.Prepare, body => WritePrepare(body, [2, 3], s_write));

    [Fact]
    public Task Prepare_with_participants_out_of_order_is_dropped() =>
        DropsAsync(RequestKind.Prepare, body => WritePrepare(body, [2, 1], s_write));

    [Fact]
    public Task One_that_writes_a_key_twice_is_dropped() => DropsAsync(RequestKind.One, body =>
        CommitCodec.Write(body, new OneRequest
        {
            Id = new TxnId(7, 1, 0),
            Share = new TransactionShare { Writes = { s_write, s_write } },
        }));

    [Fact]
    public Task Query_of_other_participants_is_dropped() => DropsAsync(RequestKind.Query, body =>
        CommitCodec.Write(body, new QueryRequest(new TxnId(7, 1, 0), HlcTimestamp.FromPhysicalMs(1), [new ShardId(2)])));

    [Fact]
    public Task Fragment_cut_short_is_dropped() => DropsAsync(RequestKind.Fragment, body => body.WriteVarint(1));

    private static async Task DropsAsync(RequestKind kind, Action<ByteWriter> writeBody)
    {
        await using NodeHarness harness = NodeHarness.Started(nodes: 1, shards: 3);
        NodeCore node = harness[harness.LeaderOf(s_shard)];
        Slot applied = node.Replicas[s_shard].Machine.Applied;
        harness.Answers.Clear();
        ByteWriter request = NodeHarness.Request(s_shard, kind);
        writeBody(request);

        harness.Ask(node.Options.Self, request.ToArray());
        harness.Quiesce();

        Assert.Equal(1, node.DroppedMessages);
        Assert.Empty(harness.Answers);
        Assert.Equal(applied, node.Replicas[s_shard].Machine.Applied);
    }

    private static void WritePrepare(ByteWriter body, uint[] participants, params KeyWrite[] writes)
    {
        var share = new TransactionShare();
        share.Writes.AddRange(writes);
        ShardId[] shards = Array.ConvertAll(participants, value => new ShardId(value));
        CommitCodec.Write(
            body, new PrepareRequest(new TxnId(7, 1, 0), HlcTimestamp.FromPhysicalMs(1_000_000), shards, share));
    }
}
