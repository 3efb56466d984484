using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Transactions;

using Xunit;

using static ShardSql.Tests.Transactions.Stamps;

namespace ShardSql.Tests.Transactions;

/// <summary>Local queue, reorder queue, adaptive hold and filter (seed 004).</summary>
public sealed class ShardLeaderSchedulingTests
{
    private readonly ShardMachine _machine = new(new ShardId(1));
    private readonly ShardLeader _leader;

    public ShardLeaderSchedulingTests() => _leader = new ShardLeader(_machine, new HlcClock(7));

    [Fact]
    public void TakeReleased_withoutHold_isInStampOrder()
    {
        foreach (ulong stamp in (ulong[])[30, 10, 20])
        {
            _leader.HoldPrepare(Txn(stamp), At(stamp), Share(0, $"w:k{stamp}=1"), (long)stamp, nowUs: 5);
        }

        var released = new List<long>();
        _leader.TakeReleased(5, released);
        Assert.Equal([10, 20, 30], released);
        Assert.Equal(0, _leader.ReorderQueueLength);
    }

    [Fact]
    public void TakeReleased_withHold_letsAnEarlierStampOvertake()
    {
        Raise(_leader.Hold);
        _leader.HoldPrepare(Txn(2), At(20), Share(0, "w:x=1"), 20, nowUs: 0);
        var released = new List<long>();
        _leader.TakeReleased(0, released);
        Assert.Empty(released);
        _leader.HoldPrepare(Txn(1), At(10), Share(0, "w:x=1"), 10, nowUs: 29);
        Assert.Equal(AdaptiveHold.FirstUs, _leader.NextReleaseUs);

        _leader.TakeReleased(AdaptiveHold.FirstUs, released);
        Assert.Equal([10, 20], released);
        Assert.Equal(long.MaxValue, _leader.NextReleaseUs);
    }

    [Fact]
    public void BlockerOf_aLocalTransactionWithOtherKeys_isNobody()
    {
        _leader.HoldPrepare(Txn(1), At(10), Share(0, "w:x=1"), 1, 0);
        _leader.TakeReleased(0, []);
        _leader.ProposePrepare(Txn(1), At(10), [new ShardId(1), new ShardId(2)], Share(0, "w:x=1"));

        Assert.Null(_leader.BlockerOf(Share(0, "w:y=1", "r:z", "s:a..b"), HlcTimestamp.Infinity));
        Assert.Equal(Txn(1), _leader.BlockerOf(Share(0, "w:x=1"), HlcTimestamp.Infinity));
        Assert.Equal(Txn(1), _leader.BlockerOf(Share(0, "r:x"), HlcTimestamp.Infinity));
        Assert.Equal(Txn(1), _leader.BlockerOf(Share(0, "s:w..y"), HlcTimestamp.Infinity));
        Assert.Null(_leader.BlockerOf(Share(0, "w:x=1"), At(9)));
    }

    [Fact]
    public void BlockerOf_whoSetsAGuard_isWhoWillSetItOrReliesOnItBefore()
    {
        var guard = new Guard(GuardKind.Table, 1, 2);
        TransactionShare sets = Share(0);
        sets.NewGuards.Add(guard);
        TransactionShare relies = Share(0);
        relies.Guards.Add(guard);
        _leader.ProposePrepare(Txn(1), At(10), [new ShardId(1), new ShardId(2)], sets);

        Assert.Equal(Txn(1), _leader.BlockerOf(sets, At(11)));
        Assert.Equal(Txn(1), _leader.BlockerOf(relies, At(11)));
        Assert.Null(_leader.BlockerOf(sets, At(9)));

        PrepareCommand prepared = Prepare(1, 10, sets);
        _leader.OnApplied(prepared, _machine.ApplyAll(prepared)[0]);
        Assert.Equal(Txn(1), _leader.BlockerOf(sets, At(11)));
        Assert.Null(_leader.BlockerOf(sets, At(9)));
    }

    [Fact]
    public void WaitFor_isOverWithTheOutcome_inTheOrderOfWaiting()
    {
        PrepareCommand prepare = Prepare(1, 10, Share(0, "w:x=1"));
        _leader.OnApplied(prepare, _machine.ApplyAll(prepare)[0]);
        _leader.WaitFor(Txn(1), 7);
        _leader.WaitFor(Txn(1), 5);
        Assert.Equal(2, _leader.LocalQueueLength);
        var woken = new List<long>();
        _leader.TakeWoken(woken);
        Assert.Empty(woken);

        var outcome = new OutcomeCommand(Txn(1), [_machine.Registers.Find(Txn(1))!.Vote, Yes(2, 10)]);
        _leader.OnApplied(outcome, _machine.ApplyAll(outcome)[0]);
        _leader.TakeWoken(woken);
        Assert.Equal([7, 5], woken);
        Assert.Equal(0, _leader.LocalQueueLength);
    }

    [Fact]
    public void GateRead_waitsForWhoDoesNotAccountForIt()
    {
        _leader.ProposePrepare(Txn(1), At(30), [new ShardId(1), new ShardId(2)], Share(0, "w:x=1"));
        Assert.Equal(Txn(1), _leader.GateRead(Key("x"), At(5)));
        Assert.Equal(Txn(1), _leader.GateRead(Range("a", null), At(5)));
        Assert.Null(_leader.GateRead(Key("y"), At(5)));

        // What was served before is in the entry of the next writer, which a read up to there need not wait for.
        _leader.ProposePrepare(Txn(2), At(40), [new ShardId(1), new ShardId(2)], Share(0, "w:y=1"));
        Assert.Null(_leader.GateRead(Key("y"), At(5)));
        Assert.Null(_leader.GateRead(Range("xx", "z"), At(4)));
        Assert.Equal(Txn(2), _leader.GateRead(Key("y"), At(6)));
    }

    [Fact]
    public void ProposeOne_afterARead_isAboveIt()
    {
        _leader.GateRead(Key("x"), At(1_000));
        Assert.True(_leader.ProposeOne(Txn(1), Share(0, "w:x=1"), OneMode.Snapshot, default, default, [], BaseMs) > At(1_000));
    }

    [Fact]
    public void NeedCeiling_readSteadily_isRaisedAheadOfNeed()
    {
        _leader.NeedCeiling(HlcTimestamp.FromPhysicalMs(1_000), 1_000);
        Assert.Equal(1, _leader.QueueLength);
        _leader.NeedCeiling(HlcTimestamp.FromPhysicalMs(1_100), 1_100);
        Assert.Equal(1, _leader.QueueLength);
        _leader.NeedCeiling(HlcTimestamp.FromPhysicalMs(1_300), 1_300);
        Assert.Equal(2, _leader.QueueLength);
    }

    [Fact]
    public void Hold_adaptsToLateRefusals()
    {
        var hold = new AdaptiveHold();
        for (int i = 0; i < AdaptiveHold.WindowVotes * 3; i++)
        {
            hold.Count(late: false);
        }

        Assert.Equal(0, hold.Microseconds);
        long before = 0;
        for (int i = 0; i < 10; i++)
        {
            Raise(hold);
            Assert.True(hold.Microseconds > before || before == AdaptiveHold.MaxUs);
            before = hold.Microseconds;
        }

        Assert.Equal(AdaptiveHold.MaxUs, hold.Microseconds);
        for (int i = 0; i < AdaptiveHold.WindowVotes * 10; i++)
        {
            hold.Count(late: false);
        }

        Assert.Equal(0, hold.Microseconds);
    }

    [Fact]
    public void Filter_hasNoFalseNegatives_andForgetsWhatWasRemoved()
    {
        var filter = new CountingBloomFilter();
        var random = new Prng(1);
        var present = new List<byte[]>();
        for (int i = 0; i < 20_000; i++)
        {
            if (present.Count > 0 && random.Chance(480_000))
            {
                int at = random.Next(present.Count);
                filter.Remove(present[at]);
                present.RemoveAt(at);
            }
            else
            {
                byte[] key = Key("k" + random.Next(5_000));
                filter.Add(key);
                present.Add(key);
            }
        }

        Assert.All(present, key => Assert.True(filter.MayContain(key)));
        present.ForEach(filter.Remove);
        Assert.False(filter.MayContain(Key("k1")));
        Assert.Throws<InvariantException>(() => filter.Remove(Key("never")));
    }

    [Fact]
    public void Proposals_areFoundUntilApplied()
    {
        var table = new ProposalTable();
        table.Add(Txn(1), At(1), default, Share(0, "w:a=1", "w:b=1"), isPrepare: false);
        table.Add(Txn(2), At(2), default, Share(0, "w:a=2"), isPrepare: true);
        Assert.Equal(Txn(1), table.NewestOne(Key("a"))!.Id);
        Assert.Equal(2, table.Of(Key("a")).Count);
        table.Remove(Txn(1), Share(0, "w:a=1", "w:b=1"));
        Assert.Null(table.NewestOne(Key("a")));
        Assert.Empty(table.Of(Key("b")));
        table.Remove(Txn(2), Share(0, "w:a=2"));
        Assert.Equal(0, table.Count);
    }

    private static void Raise(AdaptiveHold hold)
    {
        for (int i = 0; i < AdaptiveHold.WindowVotes; i++)
        {
            hold.Count(late: true);
        }
    }
}
