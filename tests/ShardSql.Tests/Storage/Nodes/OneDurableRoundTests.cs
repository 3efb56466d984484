using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Storage.Messages;
using ShardSql.Storage.Nodes;
using ShardSql.Transactions;

using Xunit;

namespace ShardSql.Tests.Storage.Nodes;

/// <summary>Counts the durable rounds of commits from what is persisted and sent, not from a counter in the code.</summary>
public sealed class OneDurableRoundTests
{
    private static readonly ShardId s_left = new(1);
    private static readonly ShardId s_right = new(2);

    [Fact]
    public async Task Cross_shard_commit_is_known_after_exactly_one_durable_round()
    {
        await using NodeHarness harness = NodeHarness.Started(nodes: 3, shards: 2);
        harness.Answers.Clear();
        harness.Delivered.Clear();
        var id = new TxnId(7, 1, 0);
        HlcTimestamp stamp = HlcTimestamp.FromPhysicalMs(harness.Now.WallMs) with { Source = 99 };
        SendPrepare(harness, s_left, id, stamp);
        SendPrepare(harness, s_right, id, stamp);

        harness.Deliver();
        Assert.Empty(harness.Answers);
        Assert.Contains(harness.Layout.Nodes, node => harness.Unsynced(node.Id) > 0);

        Assert.True(harness.Sync());
        harness.Deliver();

        List<Vote> votes = harness.Answers.Select(ReadVote).ToList();
        Assert.Equal(2, votes.Count);
        Decision decision = Vote.Decide(stamp, votes.OrderBy(vote => vote.Shard.Value).ToList());
        Assert.True(decision.Commit);

        // One trip to the followers with the PREPAREs and one back; nothing else stands between request and votes.
        int acceptTrips = harness.Delivered.Count(sent => sent.Kind == StorageMessageKind.Paxos);
        Assert.InRange(acceptTrips, 2, 2 * 2 * 4);
    }

    [Fact]
    public async Task Outcome_is_applied_on_every_participant_without_the_gateway()
    {
        await using NodeHarness harness = NodeHarness.Started(nodes: 3, shards: 2);
        var id = new TxnId(7, 2, 0);
        HlcTimestamp stamp = HlcTimestamp.FromPhysicalMs(harness.Now.WallMs) with { Source = 99 };
        SendPrepare(harness, s_left, id, stamp);
        SendPrepare(harness, s_right, id, stamp);

        harness.Settle(ticks: 5);

        foreach (ShardId shard in (ShardId[])[s_left, s_right])
        {
            Register? register = harness[harness.LeaderOf(shard)].Replicas[shard].Machine.Registers.Find(id);
            Assert.Equal(RegisterState.Committed, register?.State);
        }
    }

    [Fact]
    public async Task Vote_is_not_sent_while_only_the_leader_has_synced()
    {
        await using NodeHarness harness = NodeHarness.Started(nodes: 3, shards: 2);
        harness.Answers.Clear();
        var id = new TxnId(7, 3, 0);
        HlcTimestamp stamp = HlcTimestamp.FromPhysicalMs(harness.Now.WallMs) with { Source = 99 };
        SendPrepare(harness, s_left, id, stamp);

        harness.Deliver();
        harness.SyncOnly(harness.LeaderOf(s_left));
        harness.Deliver();

        Assert.Empty(harness.Answers);
    }

    [Fact]
    public async Task Participant_without_vote_refuses_when_the_gateway_died_half_way()
    {
        await using NodeHarness harness = NodeHarness.Started(nodes: 3, shards: 2);
        var id = new TxnId(7, 4, 0);
        HlcTimestamp stamp = HlcTimestamp.FromPhysicalMs(harness.Now.WallMs) with { Source = 99 };
        SendPrepare(harness, s_left, id, stamp);

        harness.Settle(ticks: 60);

        Register? left = harness[harness.LeaderOf(s_left)].Replicas[s_left].Machine.Registers.Find(id);
        Register? right = harness[harness.LeaderOf(s_right)].Replicas[s_right].Machine.Registers.Find(id);
        Assert.Equal(RegisterState.Aborted, left?.State);
        Assert.Equal(RefusalReason.Refused, right?.Vote.Reason);
    }

    private static void SendPrepare(NodeHarness harness, ShardId shard, TxnId id, HlcTimestamp stamp)
    {
        var writer = new ByteWriter();
        writer.WriteByte((byte)StorageMessageKind.Request);
        writer.WriteVarint(shard.Value);
        writer.WriteVarint(shard.Value);
        writer.WriteByte((byte)RequestKind.Prepare);
        writer.WriteTxnId(id);
        writer.WriteStamp(stamp);
        writer.WriteVarint(2);
        writer.WriteVarint(s_left.Value);
        writer.WriteVarint(s_right.Value);
        new TransactionShare { Writes = { new KeyWrite([1, (byte)shard.Value], [42]) } }.Write(writer);
        harness.Ask(harness.LeaderOf(shard), writer.ToArray());
    }

    private static Vote ReadVote(byte[] answer)
    {
        var reader = new ByteReader(answer);
        Assert.Equal((byte)StorageMessageKind.Response, reader.ReadByte());
        _ = reader.ReadVarint();
        Vote vote = Vote.Read(ref reader);
        Assert.False(reader.Failed);
        return vote;
    }
}
