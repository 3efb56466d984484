using System.Collections.Generic;
using System.Linq;

using ShardSql.Consensus;
using ShardSql.Primitives;

using Xunit;

namespace ShardSql.Tests.Consensus;

public sealed class PaxosReplicationTests
{
    [Fact]
    public void Propose_withQuietNetwork_isChosenEverywhere()
    {
        var net = new PaxosNet(3);
        net.Lead(1);
        net.Propose(1, "a");
        net.Propose(1, "b");
        net.Stabilize();
        net.Tick(100);
        net.Stabilize();

        Assert.All(net.Hosts, host => Assert.Equal("a b", host.ChosenText));
    }

    [Fact]
    public void BecomeLeader_withFollowersUpToDate_sendsNothingThatTheyHave()
    {
        var net = new PaxosNet(3);
        net.Lead(1);
        for (int i = 0; i < 10; i++)
        {
            net.Propose(1, "v" + i);
        }

        net.Stabilize();
        net.Tick(100);
        net.Stabilize();
        net.Tick(600);
        net.Messages.Clear();
        net.Log.Clear();
        net.Lead(2);

        Assert.Equal(PaxosRole.Leader, net[2].Replica!.Role);
        Assert.Empty(net.Log.Where(sent => sent.Message.Kind == PaxosMessageKind.Accept).SelectMany(sent => sent.Message.Entries));
    }

    [Fact]
    public void BecomeLeader_withCutLogAndFollowersUpToDate_needsNoSnapshot()
    {
        var net = new PaxosNet(3);
        net.Lead(1);
        for (int i = 0; i < 10; i++)
        {
            net.Propose(1, "v" + i);
        }

        net.Stabilize();
        net.Tick(100);
        net.Stabilize();
        foreach (PaxosHost host in net.Hosts)
        {
            host.Truncate(new Slot(8));
        }

        net.Tick(600);
        net.Messages.Clear();
        net.Lead(2);
        for (int i = 0; i < 5; i++)
        {
            net.Tick(100);
            net.Stabilize();
        }

        Assert.Equal(PaxosRole.Leader, net[2].Replica!.Role);
        Assert.Empty(net[2].NeedSnapshot);
    }

    [Fact]
    public void Accept_lost_isSentAgainAfterAHeartbeat()
    {
        var net = new PaxosNet(3);
        net.Lead(1);
        net.Propose(1, "a");
        net.Take(sent => sent.Message.Kind == PaxosMessageKind.Accept);
        net.Stabilize();
        Assert.Equal("", net[1].ChosenText);

        net.Tick(100);
        net.Stabilize();
        net.Tick(100);
        net.Stabilize();

        Assert.All(net.Hosts, host => Assert.Equal("a", host.ChosenText));
    }

    [Fact]
    public void Accept_afterAGap_isNotAcceptedAndTheMissingIsSentAgain()
    {
        var net = new PaxosNet(3);
        net.Lead(1);
        net.Propose(1, "a");
        net.Take(sent => sent.Message.Kind == PaxosMessageKind.Accept && sent.To == new NodeId(2));
        net.Propose(1, "b");
        InFlight second = net.Messages.Single(sent => sent.Message.Kind == PaxosMessageKind.Accept
            && sent.To == new NodeId(2));
        net.Deliver(second);

        InFlight reply = net.Messages.Single(sent => sent.From == new NodeId(2));
        Assert.True(reply.Message.Gap);
        Assert.Equal(default, reply.Message.Match);
        Assert.Null(net[2].Replica!.EntryAt(new Slot(2)));

        net.Stabilize();
        Assert.Equal(new Slot(2), net[2].Replica!.LogLast);
    }

    [Fact]
    public void Accepted_duplicatedAndLate_isNotCountedTwice()
    {
        var net = new PaxosNet(5);
        net.Lead(1);
        net.Propose(1, "a");
        InFlight accept = net.Messages.First(sent => sent.To == new NodeId(2));
        net.Deliver(accept);
        InFlight accepted = net.Messages.Single(sent => sent.From == new NodeId(2));
        for (int i = 0; i < 5; i++)
        {
            net[1].Replica!.Step(accepted.From, accepted.Message);
        }

        net.Collect();
        InFlight self = net.Messages.Single(sent => sent.From == new NodeId(1) && sent.To == new NodeId(1));
        net.Deliver(self);

        // Two of five have accepted: no majority, however often one of them says so.
        Assert.Equal("", net[1].ChosenText);
    }

    [Fact]
    public void Accepted_ofAnOlderBallot_isNotCounted()
    {
        var net = new PaxosNet(3, options => options with { RefuseMs = 0 });
        net.Lead(1);
        net.Propose(1, "a");
        net.Take(sent => sent.To == new NodeId(3));
        net.Deliver(net.Messages.First(sent => sent.To == new NodeId(2)));
        List<InFlight> late = net.Take(sent => sent.From == new NodeId(2));
        net.Messages.Clear();

        net[1].Replica!.Campaign();
        net.Collect();
        net.Take(sent => sent.To == new NodeId(2));
        net.Deliver(net.Messages.Single(sent => sent.To == new NodeId(3)));
        net.Deliver(net.Messages.Single(sent => sent.From == new NodeId(1) && sent.To == new NodeId(1)));
        net.Deliver(net.Messages.First(sent => sent.From == new NodeId(3) && sent.To == new NodeId(1)));
        Assert.Equal(PaxosRole.Leader, net[1].Replica!.Role);
        net.Take(sent => sent.To != new NodeId(1));
        net.Deliver(net.Messages.Single(sent => sent.From == new NodeId(1) && sent.To == new NodeId(1)));
        late.ForEach(net.Deliver);

        Assert.Equal("", net[1].ChosenText);
    }

    [Fact]
    public void CanPropose_atThePipelinesBound_isFalseUntilSomethingIsChosen()
    {
        var net = new PaxosNet(3);
        net.Lead(1);
        for (int i = 0; i < PaxosOptions.PipelineMax; i++)
        {
            Assert.True(net[1].Replica!.CanPropose);
            net.Propose(1, "v" + i);
        }

        Assert.False(net[1].Replica!.CanPropose);
        Assert.Equal(PaxosOptions.PipelineMax, net[1].Replica!.InFlight);
        Assert.Throws<InvariantException>(() => net.Propose(1, "one too many"));
        net.Stabilize();
        Assert.True(net[1].Replica!.CanPropose);
    }

    [Fact]
    public void Follower_behindACutLog_needsASnapshotAndGoesOnAfterIt()
    {
        var net = new PaxosNet(3);
        net.Lead(1);
        net.Cut(1, 3);
        for (int i = 0; i < 6; i++)
        {
            net.Propose(1, "v" + i);
        }

        net.Stabilize();
        net[1].Truncate(new Slot(4));
        net.Heal();
        net.Tick(100);
        net.Stabilize();
        net.Tick(100);
        net.Stabilize();
        Assert.Contains(new NodeId(3), net[1].NeedSnapshot);
        Assert.Equal("", net[3].ChosenText);

        net[3].Install(net[1], new Slot(4));
        net.Propose(1, "w");
        net.Stabilize();
        net.Tick(100);
        net.Stabilize();

        Assert.Equal("v0 v1 v2 v3 v4 v5 w", net[3].ChosenText);
    }

    [Fact]
    public void Restart_ofAFollower_continuesThePersistedRun()
    {
        var net = new PaxosNet(3);
        net.Lead(1);
        net.Propose(1, "a");
        net.Propose(1, "b");
        net.Stabilize();
        net[2].Crash();
        net[2].Start();
        net.Messages.Clear();
        net.Log.Clear();
        net.Propose(1, "c");
        net.Stabilize();

        // Slots 1 and 2 are on record under the leader's ballot: only the new value is sent, and nothing is missing.
        Assert.DoesNotContain(net.Log, sent => sent.From == new NodeId(2) && sent.Message.Gap);
        Assert.Equal(new Slot(3), net[2].Replica!.LogLast);
        net.Tick(100);
        net.Stabilize();
        Assert.Equal("a b c", net[2].ChosenText);
    }

    [Fact]
    public void Restart_withUnsyncedAccept_hasClaimedNothing()
    {
        var net = new PaxosNet(3);
        net.Lead(1);
        net[2].HoldsDisk = true;
        net.Cut(1, 3);
        net.Propose(1, "a");
        net.Stabilize();

        Assert.Equal("", net[1].ChosenText);
        net[2].Crash();
        net[2].Start();
        Assert.Null(net[2].Replica!.EntryAt(new Slot(1)));
    }

    [Fact]
    public void Message_roundTrip_isTheSame()
    {
        var message = new PaxosMessage
        {
            Kind = PaxosMessageKind.Accept,
            Ballot = new Ballot(7, new NodeId(2)),
            Commit = new Slot(300),
            FirstSlot = new Slot(301),
            Match = new Slot(9),
            Gap = true,
            SentMs = 123_456_789,
            Entries = [new AcceptedEntry(new Slot(301), new Ballot(7, new NodeId(2)), [1, 2, 3])],
        };
        var writer = new ByteWriter();
        message.Write(writer);
        var reader = new ByteReader(writer.WrittenSpan);
        PaxosMessage read = PaxosMessage.Read(ref reader)!;

        Assert.True(reader.EndedWell);
        Assert.Equal(message with { Entries = [] }, read with { Entries = [] });
        Assert.Equal(message.Entries[0].Value, read.Entries[0].Value);
        for (int length = 0; length < writer.Length; length++)
        {
            var cut = new ByteReader(writer.WrittenSpan[..length]);
            Assert.Null(PaxosMessage.Read(ref cut));
        }
    }
}
