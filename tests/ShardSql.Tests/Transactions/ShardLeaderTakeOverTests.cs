using System.Collections.Generic;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Transactions;

using Xunit;

using static ShardSql.Tests.Transactions.Stamps;

namespace ShardSql.Tests.Transactions;

/// <summary>What a new leader takes over.</summary>
public sealed class ShardLeaderTakeOverTests
{
    [Fact]
    public void IsServing_afterAnEarlierLeadersFloor_isFalse()
    {
        // The earlier leader's FLOOR and a write of it were adopted: the write may be acknowledged, and is not applied.
        var machine = new ShardMachine(new ShardId(1));
        Command earlier = FirstCommandOf(new ShardLeader(machine, new HlcClock(5)));
        var leader = new ShardLeader(machine, new HlcClock(7));
        Command own = FirstCommandOf(leader);
        Apply(machine, leader, earlier);
        Assert.False(leader.IsServing);

        Apply(machine, leader, One(1, 10, Share(0, "w:x=1")));
        Apply(machine, leader, own);
        Assert.True(leader.IsServing);
    }

    [Fact]
    public void BlockerOf_withAPrepareOfTheEarlierLeader_findsItWheneverItIsApplied()
    {
        var machine = new ShardMachine(new ShardId(1));
        var leader = new ShardLeader(machine, new HlcClock(7));
        machine.ApplyAll(Prepare(1, 10, Share(0, "w:x=1")));
        leader.Begin();
        leader.TakeOver(1_000);
        Apply(machine, leader, Prepare(2, 11, Share(0, "w:y=1")));

        Assert.Equal(Txn(1), leader.BlockerOf(Share(20, "w:x=2"), At(30)));
        Assert.Equal(Txn(2), leader.BlockerOf(Share(20, "w:y=2"), At(30)));
        Assert.Null(leader.BlockerOf(Share(20, "w:y=2"), At(5)));
    }

    [Fact]
    public void PendingCross_afterOutcomesAndRefusals_isEmpty()
    {
        var machine = new ShardMachine(new ShardId(1));
        var leader = new ShardLeader(machine, new HlcClock(7));
        leader.Begin();
        TransactionShare refused = Share(0, "w:x=1");
        leader.HoldPrepare(Txn(1), At(10), refused, token: 1, nowUs: 0);

        // Recovery is faster: the PREPARE that is held will not be proposed any more.
        Apply(machine, leader, new RefuseCommand(Txn(1), At(10), [new ShardId(1), new ShardId(2)]));
        Apply(machine, leader, Prepare(2, 11, Share(0, "w:y=1")));
        Apply(machine, leader, new OutcomeCommand(Txn(2), [machine.Registers.Find(Txn(2))!.Vote, Yes(2, 11)]));

        Assert.False(leader.PendingCross.MayContain(Key("x")));
        Assert.False(leader.PendingCross.MayContain(Key("y")));
    }

    [Fact]
    public void TakeOver_withOutcomesThatWereNotReported_reportsThem()
    {
        var machine = new ShardMachine(new ShardId(1));
        machine.ApplyAll(Prepare(1, 10, Share(0, "w:x=1")));
        machine.ApplyAll(new OutcomeCommand(Txn(1), [machine.Registers.Find(Txn(1))!.Vote, Yes(2, 10)]));
        var leader = new ShardLeader(machine, new HlcClock(7));
        leader.Begin();
        leader.TakeOver(1_000);

        var due = new List<(TxnId Id, ShardId To)>();
        leader.DueReports(1_000, due);
        Assert.Equal([(Txn(1), new ShardId(2))], due);
        leader.OnReport(Txn(1), new ShardId(2));
        Assert.Equal([Txn(1)], leader.TakeReported());
    }

    [Fact]
    public void ProposeOne_withASlowClock_isAboveAllStampsOnItsKeys()
    {
        // The earlier leader's clock was 3 s ahead.
        const ulong ahead = 3_000UL << HlcTimestamp.LogicalBits;
        var machine = new ShardMachine(new ShardId(1));
        machine.ApplyAll(One(1, ahead, Share(0, "w:x=1")));
        machine.ApplyAll(Prepare(2, ahead + 5, Share(0, "r:y", "s:m..p", "w:z=1")));
        var leader = new ShardLeader(machine, new HlcClock(7));
        leader.Begin();
        leader.TakeOver(1_000);

        foreach (string operation in (string[])["w:x=2", "w:y=2", "w:n=2"])
        {
            HlcTimestamp stamp = leader.ProposeOne(
                Txn(operation[2]), Share(0, operation), OneMode.Snapshot, machine.Applied, default, [], BaseMs);
            Assert.True(stamp > At(ahead), operation);
            OneCommand one = One(operation[2], 0, Share(0, operation)) with { Stamp = stamp };
            Assert.True(machine.ApplyAll(one)[0].Vote!.Ok, operation);
        }
    }

    private static Command FirstCommandOf(ShardLeader leader)
    {
        leader.Begin();
        var entry = new ByteWriter();
        leader.TakeEntry(entry, 1);
        var reader = new ByteReader(entry.WrittenSpan);
        return Command.Read(ref reader)!;
    }

    private static void Apply(ShardMachine machine, ShardLeader leader, Command command) =>
        leader.OnApplied(command, machine.ApplyAll(command).Single());
}
