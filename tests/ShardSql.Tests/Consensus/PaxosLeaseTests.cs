using ShardSql.Consensus;
using ShardSql.Primitives;

using Xunit;

namespace ShardSql.Tests.Consensus;

/// <summary>A leader's lease, and who honours it.</summary>
public sealed class PaxosLeaseTests
{
    private static readonly NodeId One = new(1);
    private static readonly NodeId Three = new(3);

    [Fact]
    public void HasLease_withoutAMajoritysAnswers_ends()
    {
        var net = new PaxosNet(3);
        net.Lead(1);
        Assert.True(net[1].Replica!.HasLease);
        net.CutOff(1);
        net.Tick(399);
        Assert.True(net[1].Replica!.HasLease);
        net.Tick(1);
        Assert.False(net[1].Replica!.HasLease);
    }

    [Fact]
    public void HasLease_withOneFollowerLeft_goesOn()
    {
        var net = new PaxosNet(3);
        net.Lead(1);
        net.CutOff(3);
        for (int i = 0; i < 30; i++)
        {
            net.Tick(100);
            net.Stabilize();
            Assert.True(net[1].Replica!.HasLease);
        }
    }

    [Fact]
    public void Prepare_whileTheLeasesTimeRuns_isRefused()
    {
        var net = new PaxosNet(3);
        net.Lead(1);
        net.CutOff(2);
        net.Tick(100);
        net.Stabilize();
        net.Heal();
        net.CutOff(1);
        net.Tick(499);
        net[2].Replica!.Campaign();
        net.Stabilize();
        Assert.Equal(PaxosRole.Candidate, net[2].Replica!.Role);

        net.Tick(1);
        net[2].Replica!.Campaign();
        net.Stabilize();
        Assert.Equal(PaxosRole.Leader, net[2].Replica!.Role);
        Assert.False(net[1].Replica!.HasLease);
    }

    [Fact]
    public void Campaign_whileALeaseIsHonoured_doesNothing()
    {
        var net = new PaxosNet(3);
        net.Lead(1);
        net.Tick(100);
        net.Stabilize();
        Ballot promised = net[2].Replica!.Promised;
        net[2].Replica!.Campaign();

        Assert.Equal(PaxosRole.Follower, net[2].Replica!.Role);
        Assert.Equal(promised, net[2].Replica!.Promised);
    }

    [Fact]
    public void Restart_withinTheLeasesTime_stillHonoursIt()
    {
        var net = new PaxosNet(3);
        net.Lead(1);
        net.CutOff(2);
        for (int i = 0; i < 4; i++)
        {
            net.Tick(100);
            net.Stabilize();
        }

        net.Heal();
        net.CutOff(1);
        net.Tick(100);
        net[3].Crash();
        net[3].Start();
        net[2].Replica!.Campaign();
        net.Stabilize();

        Assert.True(net[1].Replica!.HasLease);
        Assert.Equal(PaxosRole.Candidate, net[2].Replica!.Role);
    }

    [Fact]
    public void Accept_afterAPause_isHonouredFromWhenItIsTaken()
    {
        // The process of 2 stood still for 2 s with its last tick behind it; the heartbeat is as new as any.
        var net = new PaxosNet(3);
        net.Lead(1);
        PaxosReplica paused = net[2].Replica!;
        paused.SetTime(2_000);
        paused.Step(One, new PaxosMessage { Kind = PaxosMessageKind.Accept, Ballot = new Ballot(1, One), FirstSlot = new Slot(1), SentMs = 2_000 });
        paused.SetTime(2_100);
        paused.Step(Three, new PaxosMessage { Kind = PaxosMessageKind.Prepare, Ballot = new Ballot(9, Three), FirstSlot = new Slot(1) });

        Assert.Equal(new Ballot(1, One), paused.Promised);
    }

    [Fact]
    public void HasLease_afterAPauseOfTheLeader_isFalse()
    {
        var net = new PaxosNet(3);
        net.Lead(1);
        Assert.True(net[1].Replica!.HasLease);
        net[1].Replica!.SetTime(10_000);
        Assert.False(net[1].Replica!.HasLease);
    }
}
