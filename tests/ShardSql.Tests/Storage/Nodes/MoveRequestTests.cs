using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Storage.Client;
using ShardSql.Storage.Messages;
using ShardSql.Transactions;

using Xunit;

namespace ShardSql.Tests.Storage.Nodes;

/// <summary>What a leader says of a segment that moves.</summary>
public sealed class MoveRequestTests
{
    private const uint Segment = 7;

    private static readonly ShardId s_shard = new(1);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(60_000, 0)]
    public async Task Copy_ofALeaderThatStoodStill_isGivenUnderALeaseOnly(long pauseMs, int answers)
    {
        await using NodeHarness harness = NodeHarness.Started(nodes: 3, shards: 1);
        harness.Answers.Clear();
        harness.PauseMs = pauseMs;
        ByteWriter request = NodeHarness.Request(s_shard, RequestKind.Copy);
        MoveCodec.Write(request, new CopyRequest { Segment = Segment, Ranges = [KeyRange.All] });
        harness.Ask(harness.LeaderOf(s_shard), request.ToArray());
        harness.Settle(ticks: 1);
        Assert.Equal(answers, harness.Answers.Count);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(60_000, 0)]
    public async Task Sum_ofALeaderThatStoodStill_isGivenUnderALeaseOnly(long pauseMs, int answers)
    {
        await using NodeHarness harness = NodeHarness.Started(nodes: 3, shards: 1);
        harness.Answers.Clear();
        harness.PauseMs = pauseMs;
        harness.Ask(harness.LeaderOf(s_shard), SumOf(HlcTimestamp.FromPhysicalMs(1), 10).ToArray());
        harness.Settle(ticks: 1);
        Assert.Equal(answers, harness.Answers.Count);
    }

    [Fact]
    public async Task Sum_inParts_countsEachRowOnce()
    {
        await using NodeHarness harness = NodeHarness.Started(nodes: 3, shards: 1);
        HlcTimestamp last = HlcTimestamp.Zero;
        for (byte i = 1; i <= 5; i++)
        {
            last = Commit(harness, i);
        }

        SumReply first = Sum(harness, last, maxKeys: 3);
        Assert.Equal(3, first.Rows);
        Assert.Equal([4], first.Next);
        SumReply whole = Sum(harness, last, maxKeys: 5);
        Assert.Equal(5, whole.Rows);
        Assert.Null(whole.Next);
        Assert.NotEqual(first.Checksum, whole.Checksum);
        Assert.Equal(4, Sum(harness, new HlcTimestamp(last.Time - 1, last.Source), maxKeys: 5).Rows);
    }

    private static ByteWriter SumOf(HlcTimestamp at, int maxKeys)
    {
        ByteWriter request = NodeHarness.Request(s_shard, RequestKind.Sum);
        MoveCodec.Write(request, new SumRequest([KeyRange.All], at, maxKeys));
        return request;
    }

    private static SumReply Sum(NodeHarness harness, HlcTimestamp at, int maxKeys)
    {
        ByteReader answer = harness.AskLeader(s_shard, SumOf(at, maxKeys));
        return MoveCodec.ReadSumReply(ref answer);
    }

    private static HlcTimestamp Commit(NodeHarness harness, byte key)
    {
        ByteWriter request = NodeHarness.Request(s_shard, RequestKind.One);
        CommitCodec.Write(request, new OneRequest
        {
            Id = new TxnId(7, key, 0),
            Share = new TransactionShare { Writes = { new KeyWrite([key], [key]) } },
        });
        ByteReader answer = harness.AskLeader(s_shard, request);
        return CommitCodec.ReadOneReply(ref answer).Stamp;
    }
}
