using System.Collections.Generic;
using System.Linq;

using ShardSql.Consensus;
using ShardSql.Primitives;

using Xunit;

namespace ShardSql.Tests.Consensus;

public sealed class PaxosElectionTests
{
    private static readonly NodeId One = new(1);
    private static readonly NodeId Two = new(2);
    private static readonly NodeId Three = new(3);

    [Fact]
    public void Prepare_underALowerBallotThanPromised_isRejected()
    {
        var net = new PaxosNet(3, options => options with { RefuseMs = 0 });
        net[2].Replica!.Campaign();
        net.Stabilize();
        net[3].Replica!.Campaign();
        net.Stabilize();
        Assert.Equal(PaxosRole.Leader, net[3].Replica!.Role);

        net[1].Replica!.Step(Two, new PaxosMessage { Kind = PaxosMessageKind.Prepare, Ballot = new Ballot(1, Two), FirstSlot = new Slot(1) });
        net.Collect();
        InFlight reply = Assert.Single(net.Messages);
        Assert.Equal(PaxosMessageKind.Rejected, reply.Message.Kind);
        Assert.Equal(net[1].Replica!.Promised, reply.Message.Ballot);
    }

    [Fact]
    public void Promise_ofAHigherBallot_keepsTheAcceptedBallot()
    {
        var net = new PaxosNet(3, options => options with { RefuseMs = 0 });
        net.Lead(1);
        net.Propose(1, "a");
        net.Stabilize();
        net[2].Replica!.Campaign();
        net.Collect();
        net.Deliver(net.Messages.Single(sent => sent.To == Three));

        PaxosMessage promise = net.Messages.Single(sent => sent.From == Three).Message;
        Assert.Equal(new Ballot(2, Two), promise.Ballot);
        Assert.Equal(new Ballot(1, One), promise.Entries.Single().Ballot);
    }

    [Fact]
    public void BecomeLeader_withTwoValuesInASlot_adoptsTheHighestBallot()
    {
        var net = new PaxosNet(5, options => options with { RefuseMs = 0 });
        AcceptOnlyAt(net, leader: 1, follower: 2, "old");
        AcceptOnlyAt(net, leader: 3, follower: 4, "new", hears: [4, 5]);

        // 5 hears of both: 2 has the old value under ballot 1, 4 the new one under a higher ballot.
        net.Messages.Clear();
        net[5].Replica!.Campaign();
        net.Collect();
        net.Take(sent => sent.To == One || sent.To == Three);
        net.Stabilize();
        net.Tick(100);
        net.Stabilize();

        Assert.Equal(PaxosRole.Leader, net[5].Replica!.Role);
        Assert.Equal("new", net[5].ChosenText);
    }

    [Fact]
    public void BecomeLeader_withAHole_fillsItWithANoOp()
    {
        var net = new PaxosNet(5, options => options with { RefuseMs = 0 });
        net.Lead(1);
        net.Propose(1, "a");
        net.Messages.Clear();
        net.Propose(1, "b");
        net.Messages.Clear();

        // Only the leader has slot 1; a follower cannot have slot 2 without it, but a promise may come with a hole.
        net[2].Replica!.Campaign();
        net.Collect();
        Ballot ballot = net[2].Replica!.Promised;
        net.Messages.Clear();
        net[2].Replica!.Step(Two, new PaxosMessage { Kind = PaxosMessageKind.Promise, Ballot = ballot, FirstSlot = new Slot(1) });
        net[2].Replica!.Step(Three, new PaxosMessage { Kind = PaxosMessageKind.Promise, Ballot = ballot, FirstSlot = new Slot(1) });
        net[2].Replica!.Step(One, new PaxosMessage
        {
            Kind = PaxosMessageKind.Promise,
            Ballot = ballot,
            FirstSlot = new Slot(1),
            Entries = [new AcceptedEntry(new Slot(2), new Ballot(1, One), [98])],
        });
        net.Stabilize();

        Assert.Equal("- b", net[2].ChosenText);
    }

    [Fact]
    public void Promise_twiceFromOneReplica_isOneVote()
    {
        var net = new PaxosNet(5, options => options with { RefuseMs = 0 });
        net[1].Replica!.Campaign();
        net.Collect();
        net.Deliver(net.Messages.Single(sent => sent.To == Two));
        InFlight promise = net.Messages.Single(sent => sent.From == Two);
        for (int i = 0; i < 5; i++)
        {
            net[1].Replica!.Step(Two, promise.Message);
        }

        net.Deliver(net.Messages.Single(sent => sent.From == One && sent.To == One));
        Assert.Equal(PaxosRole.Candidate, net[1].Replica!.Role);
    }

    [Fact]
    public void Campaign_beforeItsBallotIsDurable_sendsNothing()
    {
        var net = new PaxosNet(3);
        net[1].HoldsDisk = true;
        net[1].Replica!.Campaign();
        net.Collect();
        Assert.Empty(net.Messages);

        net[1].HoldsDisk = false;
        net.Collect();
        Assert.Equal(3, net.Messages.Count);
    }

    [Fact]
    public void Restart_afterACampaign_usesAnotherBallot()
    {
        var net = new PaxosNet(3);
        net[1].Replica!.Campaign();
        net.Collect();
        Ballot first = net[1].Replica!.Promised;
        net[1].Crash();
        net[1].Start();
        net.Tick(500);
        net[1].Replica!.Campaign();

        Assert.True(net[1].Replica!.Promised > first);
    }

    [Fact]
    public void PreVote_whileALeaderIsHeard_isNotGranted()
    {
        var net = new PaxosNet(3);
        net.Lead(1);
        net.Tick(100);
        net.Stabilize();
        Ballot before = net[2].Replica!.Promised;
        net[2].Replica!.Step(Three, new PaxosMessage { Kind = PaxosMessageKind.PreVote, Ballot = new Ballot(9, Three), Commit = default });
        net.Collect();

        Assert.Empty(net.Messages);
        Assert.Equal(before, net[2].Replica!.Promised);
    }

    [Fact]
    public void PreVote_ofAReplicaCutOff_doesNotDisturbTheLeaderWhenItComesBack()
    {
        var net = new PaxosNet(3);
        net.Lead(1);
        net.CutOff(3);
        for (int i = 0; i < 50; i++)
        {
            net.Tick(100);
            net.Stabilize();
        }

        Ballot before = net[1].Replica!.Promised;
        net.Heal();
        for (int i = 0; i < 10; i++)
        {
            net.Tick(100);
            net.Stabilize();
        }

        Assert.Equal(PaxosRole.Leader, net[1].Replica!.Role);
        Assert.Equal(before, net[1].Replica!.Promised);
        Assert.Equal(One, net[3].Replica!.Leader);
    }

    [Fact]
    public void PreVote_fromFarBehind_isNotGranted()
    {
        var net = new PaxosNet(3);
        net.Lead(1);
        for (int i = 0; i < (int)PaxosOptions.CandidateLagMax + 10; i++)
        {
            net.Propose(1, "v");
            net.Stabilize();
        }

        net.Tick(100);
        net.Stabilize();
        net.Tick(550);
        net.Messages.Clear();
        net[2].Replica!.Step(Three, new PaxosMessage { Kind = PaxosMessageKind.PreVote, Ballot = new Ballot(9, Three), Commit = new Slot(5) });
        net.Collect();
        Assert.DoesNotContain(net.Messages, sent => sent.Message.Kind == PaxosMessageKind.PreVoteGranted);

        net[2].Replica!.Step(Three, new PaxosMessage { Kind = PaxosMessageKind.PreVote, Ballot = new Ballot(9, Three), Commit = new Slot(1_000) });
        net.Collect();
        Assert.Contains(net.Messages, sent => sent.Message.Kind == PaxosMessageKind.PreVoteGranted);
    }

    [Fact]
    public void Leader_thatHearsNoMajority_stepsDown()
    {
        var net = new PaxosNet(3);
        net.Lead(1);
        net.CutOff(1);
        for (int i = 0; i < 15; i++)
        {
            net.Tick(100);
            net.Stabilize();
        }

        Assert.NotEqual(PaxosRole.Leader, net[1].Replica!.Role);
        Assert.Contains(net.Hosts, host => host.Self != One && host.Replica!.Role == PaxosRole.Leader);
    }

    [Fact]
    public void Leader_lost_isReplacedWithinTwoSeconds()
    {
        var net = new PaxosNet(3);
        net.Lead(1);
        net.Propose(1, "a");
        net.Stabilize();
        net[1].Crash();
        int steps = 0;
        while (!net.Hosts.Any(host => host.Replica?.Role == PaxosRole.Leader))
        {
            Assert.True(++steps < 200, "No leader within 2 s.");
            net.Tick(10);
            net.Stabilize();
        }

        PaxosHost leader = net.Hosts.Single(host => host.Replica?.Role == PaxosRole.Leader);
        net.Propose((int)leader.Self.Value, "b");
        net.Stabilize();
        Assert.Equal("a b", leader.ChosenText);
    }

    [Fact]
    public void Preferred_ofANewGroup_campaignsFirst()
    {
        var net = new PaxosNet(3, options => options with { Preferred = Two });
        net.Tick(1);
        net.Stabilize();

        Assert.Equal(PaxosRole.Leader, net[2].Replica!.Role);
    }

    [Fact]
    public void Group_ofOne_leadsAndChoosesAlone()
    {
        var net = new PaxosNet(1);
        net.Tick(1_001);
        net.Stabilize();
        net.Propose(1, "a");
        net.Stabilize();

        Assert.True(net[1].Replica!.HasLease);
        Assert.Equal("a", net[1].ChosenText);
    }

    [Fact]
    public void Step_fromAStranger_changesNothing()
    {
        var net = new PaxosNet(3);
        net[1].Replica!.Step(new NodeId(9), new PaxosMessage { Kind = PaxosMessageKind.Prepare, Ballot = new Ballot(5, new NodeId(9)), FirstSlot = new Slot(1) });
        net.Collect();

        Assert.Empty(net.Messages);
        Assert.Equal(Ballot.Zero, net[1].Replica!.Promised);
    }

    // A leader that a majority promised proposes one value, which one follower accepts.
    private static void AcceptOnlyAt(PaxosNet net, int leader, int follower, string value, int[]? hears = null)
    {
        net.Messages.Clear();
        net[leader].Replica!.Campaign();
        net.Collect();
        net.Take(sent => hears is not null && sent.To.Value != leader && !hears.Contains((int)sent.To.Value));
        net.Stabilize();
        net.Propose(leader, value);
        net.Deliver(net.Messages.Single(sent => sent.To.Value == follower));
        net.Messages.Clear();
        Assert.DoesNotContain(net.Hosts, host => host.ChosenText.Length > 0);
    }
}
