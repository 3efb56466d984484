using System;
using System.Linq;

using ShardSql.Consensus;
using ShardSql.Primitives;

using Xunit;

namespace ShardSql.Tests.Consensus;

/// <summary>Voters added and removed, and leadership handed over.</summary>
public sealed class PaxosMembershipTests
{
    private static readonly NodeId[] s_founders = [new(1), new(2), new(3)];
    private static readonly NodeId[] s_withFourth = [.. s_founders, new(4)];

    [Fact]
    public void Reconfigure_addsOne_governsAfterThePipeline()
    {
        PaxosNet net = FourOfWhomThreeVote();
        Assert.True(net[1].Replica!.AddLearner(new NodeId(4)));
        net.Collect();
        net.Stabilize();
        Assert.True(net[1].Replica!.IsCaughtUp(new NodeId(4)));

        Slot before = net[1].Replica!.Commit;
        Assert.Equal(Reconfiguration.Proposed, net[1].Replica!.Reconfigure(s_withFourth));
        net.Stabilize();

        Membership membership = net[1].Replica!.Membership;
        Assert.Equal(before.Value + 1 + PaxosOptions.PipelineMax, membership.Latest.From.Value);
        Assert.Equal(s_withFourth, membership.Latest.Voters);
        Assert.Equal(s_founders, membership.At(new Slot(membership.Latest.From.Value - 1)).Voters);
        Assert.Equal(membership.Latest.From.Value - 1, net[1].Replica!.Commit.Value);

        // The others hear of it with the next heartbeat.
        Assert.Equal(Reconfiguration.Busy, net[1].Replica!.Reconfigure(s_withFourth));
        net.Tick(100);
        net.Stabilize();
        Assert.Equal(Reconfiguration.Done, net[1].Replica!.Reconfigure(s_withFourth));
    }

    [Fact]
    public void Propose_withFourVoters_needsThree()
    {
        PaxosNet net = FourVoters();
        net.CutOff(3);
        net.CutOff(4);
        Slot slot = net.Propose(1, "a");
        net.Stabilize();
        Assert.True(net[1].Replica!.Commit < slot);

        net.Heal();
        net.CutOff(3);
        Beat(net, 3);
        Assert.Equal(slot, net[1].Replica!.Commit);
    }

    [Fact]
    public void Reconfigure_beforeAnEarlierChangeGoverns_isBusy()
    {
        PaxosNet net = FourOfWhomThreeVote();
        net[1].Replica!.Reconfigure(s_withFourth);
        net.Collect();
        Assert.Equal(Reconfiguration.Busy, net[1].Replica!.Reconfigure([new(1), new(2)]));
        Assert.Equal(Reconfiguration.NotLeader, net[2].Replica!.Reconfigure(s_withFourth));
    }

    [Fact]
    public void Reconfigure_withoutTheLeader_endsItsLeadership()
    {
        PaxosNet net = FourVoters();
        Assert.Equal(Reconfiguration.Proposed, net[1].Replica!.Reconfigure([new(2), new(3), new(4)]));
        net.Stabilize();
        Assert.Equal(PaxosRole.Leader, net[1].Replica!.Role);
        Beat(net, 1);
        net.Stabilize();
        Assert.Equal(PaxosRole.Follower, net[1].Replica!.Role);
        Assert.False(net[1].Replica!.HasLease);
        Assert.False(net[1].Replica!.IsVoter(new NodeId(1)));
        Assert.Single(net.Hosts, host => host.Replica!.Role == PaxosRole.Leader);
    }

    [Fact]
    public void Membership_afterARestart_isThatOfTheLog()
    {
        PaxosNet net = FourVoters();
        string before = net[2].Replica!.Membership.ToString();
        net.Propose(1, "a");
        net.Stabilize();
        net[2].Crash();
        net[2].Start();
        net.Collect();
        Assert.Equal(before, net[2].Replica!.Membership.ToString());
    }

    [Fact]
    public void PreVote_ofOneThatWasRemoved_isRefused()
    {
        PaxosNet net = FourVoters();
        net.CutOff(4);
        net[1].Replica!.Reconfigure(s_founders);
        net.Stabilize();
        Beat(net, 1);
        for (int i = 0; i < 3; i++)
        {
            net.Tick(1_100);
            net.Messages.RemoveAll(message => message.From != new NodeId(4));
        }

        net.Heal();
        net.Tick(1_100);
        net.Messages.RemoveAll(message => message.From != new NodeId(4));
        net.Sent.Clear();
        net.Stabilize();
        Assert.DoesNotContain(
            net.Sent, sent => sent.To == new NodeId(4) && sent.Message.Kind == PaxosMessageKind.PreVoteGranted);
    }

    [Fact]
    public void YieldTo_aVoter_leadsAtOnceThere()
    {
        var net = new PaxosNet(3);
        net.Lead(1);
        net.Propose(1, "a");
        net.Stabilize();
        Assert.True(net[1].Replica!.YieldTo(new NodeId(2)));
        net.Stabilize();
        Assert.Equal(PaxosRole.Leader, net[2].Replica!.Role);
        Assert.Equal(new NodeId(2), net[1].Replica!.Leader);
        Assert.Equal("a", net[2].ChosenText);
    }

    [Fact]
    public void YieldTo_oneThatIsCutOff_isRefusedOrGivenUp()
    {
        var net = new PaxosNet(3);
        net.Lead(1);
        net.Propose(1, "a");
        net.Stabilize();
        net.CutOff(2);
        net.Propose(1, "b");
        net.Stabilize();
        Assert.True(net[1].Replica!.YieldTo(new NodeId(2)));
        Assert.False(net[1].Replica!.CanPropose);
        Beat(net, 6);
        Assert.True(net[1].Replica!.CanPropose);
        Assert.False(net[2].Replica!.YieldTo(new NodeId(1)));
    }

    [Fact]
    public void Read_ofDamagedBytes_givesNull()
    {
        var writer = new ByteWriter();
        FourVoters()[1].Replica!.Membership.Write(writer);
        byte[] bytes = writer.ToArray();
        var whole = new ByteReader(bytes);
        Assert.Equal(FourVoters()[1].Replica!.Membership.ToString(), Membership.Read(ref whole)!.ToString());
        Assert.All(Enumerable.Range(0, bytes.Length), length =>
        {
            var cut = new ByteReader(bytes.AsSpan(0, length));
            Assert.Null(Membership.Read(ref cut));
        });
    }

    private static void Beat(PaxosNet net, int times)
    {
        for (int i = 0; i < times; i++)
        {
            net.Tick(100);
            net.Stabilize();
        }
    }

    private static PaxosNet FourOfWhomThreeVote()
    {
        var net = new PaxosNet(4, options => options with { Founders = s_founders });
        net.Lead(1);
        net.Propose(1, "x");
        net.Stabilize();
        return net;
    }

    private static PaxosNet FourVoters()
    {
        PaxosNet net = FourOfWhomThreeVote();
        net[1].Replica!.Reconfigure(s_withFourth);
        net.Stabilize();
        Assert.Equal(4, net[1].Replica!.Membership.At(net[1].Replica!.Commit.Next).Voters.Count);
        return net;
    }
}
