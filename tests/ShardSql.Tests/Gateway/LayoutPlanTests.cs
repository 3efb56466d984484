using System;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Gateway;
using ShardSql.Gateway.Layouts;
using ShardSql.Gateway.Plans;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Primitives;
using ShardSql.Sql;
using ShardSql.Storage.Nodes;

using Xunit;

namespace ShardSql.Tests.Gateway;

/// <summary>Layouts after a change, and what is planned for one: without a cluster.</summary>
public sealed class LayoutPlanTests
{
    private static readonly NodeId s_n1 = new(1);
    private static readonly NodeId s_n2 = new(2);
    private static readonly NodeId s_n3 = new(3);
    private static readonly NodeId s_n4 = new(4);
    private static readonly ShardId s_s1 = new(1);
    private static readonly ShardId s_s3 = new(3);

    private static readonly ClusterLayout s_layout = ClusterLayout.Create(
        new Guid(7, 7, 7, [7, 7, 7, 7, 7, 7, 7, 7]),
        [.. Enumerable.Range(1, 3).Select(i => new NodeAddress(new NodeId((uint)i), $"127.0.0.1:750{i}"))],
        dataShards: 2,
        replicas: 3);

    private static readonly ClusterLayout s_wide = LayoutEdits.AddNode(s_layout, s_n4, "127.0.0.1:7504")!;

    private static readonly SystemState s_state = SystemState.Initial([s_s1, new ShardId(2)]);

    [Fact]
    public void Edit_ofALayout_isTheNextVersionAndKeepsFounders()
    {
        Assert.Equal((0ul, 1ul), (s_layout.Version, s_wide.Version));
        ClusterLayout added = LayoutEdits.AddReplica(s_wide, s_s1, s_n4)!;
        Assert.Equal([s_n1, s_n2, s_n3, s_n4], added.MembersOf(s_s1));
        Assert.Equal([s_n1, s_n2, s_n3], added.Shards[1].Founders);
        Assert.Null(LayoutEdits.AddReplica(added, s_s1, s_n4));
        ClusterLayout removed = LayoutEdits.RemoveReplica(added, s_s1, s_n1)!;
        Assert.Equal([s_n2, s_n3, s_n4], removed.MembersOf(s_s1));
        Assert.Equal((3ul, s_s1), (removed.Version, removed.Shards[1].Shard));
        Assert.Equal([s_n1, s_n2, s_n3], removed.Shards[1].Founders);
        Assert.Null(LayoutEdits.RemoveReplica(removed, s_s1, s_n1));
    }

    [Fact]
    public void Edit_thatRemoves_keepsTheNumber()
    {
        ClusterLayout made = LayoutEdits.CreateShard(s_layout, s_s3, [s_n2, s_n1])!;
        Assert.Equal([s_n1, s_n2], made.Shards[^1].Founders);
        Assert.Null(LayoutEdits.CreateShard(made, s_s3, [s_n1]));
        ClusterLayout dropped = LayoutEdits.DropShard(made, s_s3)!;
        Assert.Equal([s_s3], dropped.FormerShards);
        Assert.Null(LayoutEdits.DropShard(dropped, s_s3));
        ClusterLayout gone = LayoutEdits.RemoveNode(s_wide, s_n4)!;
        Assert.Equal([s_n4], gone.FormerNodes);
        Assert.Null(LayoutEdits.RemoveNode(gone, s_n4));
        Assert.Equal("55000", LayoutNames.Refusal(gone, s_n4, "127.0.0.1:7504")?.SqlState);
        Assert.Equal("55000", Refused(() => LayoutNames.RequireNew(dropped, s_s3)).SqlState);
    }

    [Theory]
    [InlineData(4, "127.0.0.1:7504", null)]
    [InlineData(4, "[::1]:7504", null)]
    [InlineData(4, "node-4.example:7504", null)]
    [InlineData(1, "127.0.0.1:7501", null)]
    [InlineData(1, "127.0.0.1:7509", "42710")]
    [InlineData(4, "127.0.0.1:7501", "42710")]
    [InlineData(0, "127.0.0.1:7504", "55000")]
    [InlineData(65_536, "127.0.0.1:7504", "54000")]
    [InlineData(4, "127.0.0.1", "22023")]
    [InlineData(4, "127.0.0.1:0", "22023")]
    [InlineData(4, "inproc", "22023")]
    [InlineData(4, "inproc:x", "22023")]
    [InlineData(4, "", "22023")]
    public void Refusal_ofANodeAndItsAddress_hasAHint(uint node, string address, string? state)
    {
        SqlException? refusal = LayoutNames.Refusal(s_layout, new NodeId(node), address);
        Assert.Equal(state, refusal?.SqlState);
        Assert.Equal(state is null, string.IsNullOrEmpty(refusal?.Hint));
    }

    [Fact]
    public void Drain_handsLeadersOver_thenGivesEachReplicaToTheNodeWithTheFewest()
    {
        ClusterLayout layout = LayoutEdits.AddReplica(
            LayoutEdits.AddNode(s_wide, new NodeId(5), "127.0.0.1:7505")!, s_s1, new NodeId(5))!;
        IReadOnlyList<LayoutStep> steps = LayoutMaker.Drain(s_state, layout, s_n2, Directory(layout, leader: s_n2));
        Assert.Equal(
            [
                "mark n2",
                "hand over s0 from n2", "hand over s1 from n2", "hand over s2 from n2",
                "add replica of s0 on n4", "remove replica of s0 from n2",
                "add replica of s1 on n4", "remove replica of s1 from n2",
                "add replica of s2 on n5", "remove replica of s2 from n2",
            ],
            steps.Select(static step => step.Text));
        Assert.Equal(
            ["mark n4"], LayoutMaker.Drain(s_state, s_wide, s_n4, Directory(s_wide, s_n1)).Select(static step => step.Text));
    }

    [Fact]
    public void Drain_withNobodyToTakeAReplica_isRefusedWithWhatCanBeDone()
    {
        SqlException none = Refused(() => LayoutMaker.Drain(s_state, s_layout, s_n1, Directory(s_layout, s_n1)));
        Assert.Equal("55000", none.SqlState);
        Assert.Contains("ADD NODE", none.Hint, StringComparison.Ordinal);
        Assert.Contains("REMOVE REPLICA ON n1", none.Hint, StringComparison.Ordinal);
        var drains = new SystemState(
            s_state.Catalog, new ShardMap(1, s_state.Map.Topology.Drain(s_n4, drains: true), []));
        Assert.Equal("55000", Refused(() => LayoutMaker.Drain(drains, s_wide, s_n1, Directory(s_wide, s_n1))).SqlState);
        Assert.Equal(
            "55000", Refused(() => LayoutMaker.Drain(s_state, s_wide, s_n1, Directory(s_wide, s_n1, silent: s_n4))).SqlState);
    }

    [Fact]
    public void Plan_ofReplicasAndShards_namesWhatIsWrong()
    {
        Assert.Equal("42704", Refused(() => LayoutMaker.Add(s_state, s_wide, s_s3, s_n4)).SqlState);
        Assert.Equal("42704", Refused(() => LayoutMaker.Add(s_state, s_layout, s_s1, s_n4)).SqlState);
        Assert.Equal("22023", Refused(() => LayoutMaker.Create(s_state, s_wide, s_s3, [s_n1, s_n1])).SqlState);
        Assert.Equal("42710", Refused(() => LayoutMaker.Create(s_state, s_wide, s_s1, [s_n1])).SqlState);
        Assert.Equal("54000", Refused(() => LayoutMaker.Create(s_state, s_wide, new ShardId(65_536), [s_n1])).SqlState);
        Assert.Equal("55000", Refused(() => LayoutMaker.Drop(s_state, s_wide, ShardId.System)).SqlState);
        Assert.Equal("55000", Refused(() => LayoutMaker.RequireEmpty(SystemState.Initial([s_s1]), s_s1)).SqlState);
        ClusterLayout only = LayoutEdits.CreateShard(s_wide, s_s3, [s_n4])!;
        SqlException last = Refused(() => LayoutMaker.Remove(only, s_s3, s_n4));
        Assert.Equal("55000", last.SqlState);
        Assert.Contains("ADD REPLICA", last.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void Step_asARow_isReadAsItWas_andThatOfAnOlderFormatHasNone()
    {
        var step = new StepRecord
        {
            Number = 3,
            Action = "create s3 on n1, n4",
            Layout = new LayoutStep(LayoutStepKind.CreateShard, s_s3, [s_n1, s_n4]),
        };
        StepRecord read = StepRecord.Decode(step.Encode());
        Assert.Equal((step.Action, step.Layout.Text), (read.Action, read.Layout!.Text));
        byte[] older = (step with { Layout = null }).Encode()[..^1];
        older[0] = 1;
        Assert.Null(StepRecord.Decode(older).Layout);
    }

    [Fact]
    public void Topology_asARow_isReadAsItWas()
    {
        Topology topology = Topology.Of([s_s1]).Fill(s_s3).Drain(s_n2, drains: true);
        Topology read = Topology.Decode(topology.Encode());
        Assert.Equal([s_s1], read.Serving);
        Assert.Equal([s_s3], read.Filling);
        Assert.Equal([s_s1, s_s3], read.Copies);
        Assert.Equal([s_n2], read.Draining);
        Assert.Equal([s_s1, s_s3], read.Serve(s_s3).Serving);
        Assert.Equal([s_s1], read.Close(s_s3).Copies);
        Assert.Empty(read.Drain(s_n2, drains: false).Draining);
    }

    private static SqlException Refused(Action act)
    {
        SqlException refused = Assert.Throws<SqlException>(act);
        Assert.False(string.IsNullOrEmpty(refused.Hint));
        return refused;
    }

    private static StillDirectory Directory(ClusterLayout layout, NodeId leader, NodeId silent = default) => new(
        [.. layout.Nodes.Select(node => new NodeEntry(node.Id, node.Address, "node", node.Id != silent, "memory", 0))],
        [.. layout.Shards.Select(shard => new ShardEntry(shard.Shard, leader, shard.Members))]);

    private sealed record StillDirectory(IReadOnlyList<NodeEntry> Nodes, IReadOnlyList<ShardEntry> Shards) : INodeDirectory;
}
