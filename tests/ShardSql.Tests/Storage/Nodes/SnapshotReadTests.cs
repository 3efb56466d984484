using System;
using System.Collections.Generic;
using System.Threading.Tasks;

using Google.Protobuf;

using ShardSql.Execution;
using ShardSql.Execution.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using ShardSql.Storage.Client;
using ShardSql.Storage.Messages;
using ShardSql.Storage.Nodes;
using ShardSql.Transactions;

using Xunit;

namespace ShardSql.Tests.Storage.Nodes;

/// <summary>At which snapshot a leader serves a read.</summary>
public sealed class SnapshotReadTests
{
    private static readonly ShardId s_shard = new(1);
    private static readonly byte[] s_key = [9, 9];

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task Read_below_a_commit_sees_it_only_when_the_leader_draws_the_snapshot(bool atNewest, int rows)
    {
        await using NodeHarness harness = NodeHarness.Started(nodes: 1, shards: 1);
        HlcTimestamp before = HlcTimestamp.FromPhysicalMs(harness.Now.WallMs);
        HlcTimestamp committed = Commit(harness, after: before);

        FragmentReply reply = Read(harness, before, atNewest);

        Assert.Equal(ReplyStatus.Ok, reply.Status);
        Assert.Equal(rows, reply.RowCount);
        Assert.Equal(atNewest, reply.Begin > committed);
    }

    [Fact]
    public async Task Snapshot_drawn_by_the_leader_is_below_every_later_commit_of_what_it_read()
    {
        await using NodeHarness harness = NodeHarness.Started(nodes: 1, shards: 1);
        FragmentReply reply = Read(harness, HlcTimestamp.FromPhysicalMs(1), atNewest: true);
        Assert.Equal(0, reply.RowCount);
        Assert.True(Commit(harness, after: HlcTimestamp.Zero) > reply.Begin);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(60_000, 0)]
    public async Task Leader_that_stood_still_after_a_read_answers_only_under_a_lease(long pauseMs, int answers)
    {
        await using NodeHarness harness = NodeHarness.Started(nodes: 3, shards: 1);
        harness.Answers.Clear();
        harness.PauseMs = pauseMs;
        harness.Ask(harness.LeaderOf(s_shard), ReadRequest(HlcTimestamp.FromPhysicalMs(1), atNewest: true).ToArray());
        harness.Settle(ticks: 1);
        Assert.Equal(answers, harness.Answers.Count);
    }

    private static HlcTimestamp Commit(NodeHarness harness, HlcTimestamp after)
    {
        var row = new ByteWriter();
        row.WriteByte(RowKeyLayout.RowVersion);
        RowCodec.Write(row, [SqlValue.FromBytes(s_key)]);
        ByteWriter request = NodeHarness.Request(s_shard, RequestKind.One);
        CommitCodec.Write(request, new OneRequest
        {
            Id = new TxnId(7, 1, 0),
            After = after,
            Share = new TransactionShare { Writes = { new KeyWrite(s_key, row.ToArray()) } },
        });
        ByteReader answer = harness.AskLeader(s_shard, request);
        OneReply reply = CommitCodec.ReadOneReply(ref answer);
        Assert.True(reply.Vote?.Ok);
        return reply.Stamp;
    }

    private static FragmentReply Read(NodeHarness harness, HlcTimestamp begin, bool atNewest)
    {
        ByteReader answer = harness.AskLeader(s_shard, ReadRequest(begin, atNewest));
        return FragmentCodec.ReadReply(ref answer);
    }

    private static ByteWriter ReadRequest(HlcTimestamp begin, bool atNewest)
    {
        var shape = new TableShape { Name = "t", KeyName = "t_pkey", KeyColumns = { 0 } };
        shape.Columns.Add(new ColumnShape { Id = 1, Name = "key", Type = SqlType.Bytes.ToMessage() });
        var scan = new ScanPlan { Table = shape, Access = new AccessPath(), Output = new OutputStage { Visible = 1 } };
        scan.Access.Keys.Add(ByteString.CopyFrom(s_key));
        ByteWriter request = NodeHarness.Request(s_shard, RequestKind.Fragment);
        FragmentCodec.Write(request, new FragmentRequest
        {
            Begin = begin,
            AtNewest = atNewest,
            Fragment = new Fragment { Statements = { new FragmentStatement { Scan = scan } } }.ToByteArray(),
        });
        return request;
    }
}
