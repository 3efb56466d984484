using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Storage.Client;
using ShardSql.Storage.Hosting;
using ShardSql.Storage.Messages;
using ShardSql.Storage.Nodes;
using ShardSql.Transactions;

using Xunit;

namespace ShardSql.Tests.Storage.Nodes;

/// <summary>A leader whose disk has only its reserve left takes no writes, and takes them again when there is room.</summary>
public sealed class DiskFullTests
{
    private static readonly ShardId s_shard = new(1);

    [Theory]
    [InlineData(50, 1_000, false)]
    [InlineData(49, 1_000, true)]
    [InlineData(DiskWatch.ReserveBytesMax, long.MaxValue, false)]
    [InlineData(DiskWatch.ReserveBytesMax - 1, long.MaxValue, true)]
    public void IsFull_below_the_reserve(long free, long size, bool full) =>
        Assert.Equal(full, DiskWatch.IsFull(free, size));

    [Fact]
    public async Task One_on_a_full_disk_is_refused_and_passes_when_there_is_room()
    {
        await using NodeHarness harness = NodeHarness.Started(nodes: 3, shards: 1);
        NodeCore leader = harness[harness.LeaderOf(s_shard)];
        leader.IsDiskFull = true;
        Assert.Equal(ReplyStatus.DiskFull, Commit(harness).Status);
        leader.IsDiskFull = false;
        Assert.True(Commit(harness).Vote?.Ok);
    }

    [Fact]
    public async Task Prepare_on_a_full_disk_is_a_durable_no()
    {
        await using NodeHarness harness = NodeHarness.Started(nodes: 3, shards: 2);
        NodeCore leader = harness[harness.LeaderOf(s_shard)];
        leader.IsDiskFull = true;
        var share = new TransactionShare { Writes = { new KeyWrite([1], [2]) } };
        var prepare = new PrepareRequest(
            new TxnId(7, 1, 0), HlcTimestamp.FromPhysicalMs(harness.Now.WallMs), [s_shard, new ShardId(2)], share);
        ByteWriter request = NodeHarness.Request(s_shard, RequestKind.Prepare);
        CommitCodec.Write(request, prepare);
        harness.AskLeader(s_shard, request);
        harness.Settle(ticks: 20);

        IEnumerable<RefusalReason?> reasons = harness.Layout.Nodes.Select(
            node => harness[node.Id].Replicas[s_shard].Machine.Registers.Find(prepare.Id)?.Vote.Reason);
        Assert.All(reasons, reason => Assert.Equal(RefusalReason.DiskFull, reason));
    }

    private static OneReply Commit(NodeHarness harness)
    {
        ByteWriter request = NodeHarness.Request(s_shard, RequestKind.One);
        var share = new TransactionShare { Writes = { new KeyWrite([1], [2]) } };
        CommitCodec.Write(request, new OneRequest { Id = new TxnId(7, 1, 0), Share = share });
        ByteReader answer = harness.AskLeader(s_shard, request);
        return CommitCodec.ReadOneReply(ref answer);
    }
}
