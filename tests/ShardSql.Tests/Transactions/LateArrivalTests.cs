using ShardSql.Primitives;
using ShardSql.Transactions;

using Xunit;

using static ShardSql.Tests.Transactions.Stamps;

namespace ShardSql.Tests.Transactions;

/// <summary>Rule L and the rest of studies/commit.md §1.8: stamps that arrive out of order.</summary>
public sealed class LateArrivalTests
{
    [Fact]
    public void L1_overwriterWithLargerStampAndWindow_isNoEdge()
    {
        ShardMachine machine = WithOverwriter(stamp: 8, pi: 8);
        Vote vote = machine.ApplyAll(Prepare(9, 5, Share(1, "r:x", "w:z=1")))[0].Vote!;
        Assert.True(vote.Ok);
        Assert.Equal(At(5), vote.Pi);
    }

    [Fact]
    public void L2_overwriterWithLargerStampWhoseWindowReachesBehind_isRefused()
    {
        ShardMachine machine = WithOverwriter(stamp: 8, pi: 4);
        Vote vote = machine.ApplyAll(Prepare(9, 5, Share(1, "r:x", "w:z=1")))[0].Vote!;
        Assert.Equal(RefusalReason.Window, vote.Reason);
        Assert.Equal(Key("x"), vote.Key);
    }

    [Fact]
    public void L3_overwriterWithSmallerStamp_isABackEdge()
    {
        ShardMachine machine = WithOverwriter(stamp: 3, pi: 3);
        Vote vote = machine.ApplyAll(Prepare(9, 5, Share(1, "r:x", "w:z=1")))[0].Vote!;
        Assert.True(vote.Ok);
        Assert.Equal(At(3), vote.Pi);
    }

    [Fact]
    public void L4_backEdgeBehindWhatWasRead_isRefused()
    {
        ShardMachine machine = WithOverwriter(stamp: 3, pi: 3);
        machine.ApplyAll(One(4, 4, Share(0, "w:y=1")));
        Vote vote = machine.ApplyAll(Prepare(9, 5, Share(1, "r:x", "r:y@4", "w:z=1")))[0].Vote!;
        Assert.Equal(RefusalReason.Window, vote.Reason);
        Assert.Equal((At(4), At(3)), (vote.Eta, vote.Pi));
        Assert.Equal(Key("x"), vote.Key);
    }

    [Fact]
    public void L3_ofOneThatTakesItsPlaceByItsStamp_isRefused()
    {
        ShardMachine machine = WithOverwriter(stamp: 3, pi: 3);
        TransactionShare share = Share(1, "r:x", "w:z=1");
        share.IsInOrder = true;
        Vote vote = machine.ApplyAll(Prepare(9, 5, share))[0].Vote!;
        Assert.Equal(RefusalReason.Window, vote.Reason);
        Assert.Equal((At(5).Previous, At(3)), (vote.Eta, vote.Pi));
    }

    [Fact]
    public void One_thatTakesItsPlaceByItsStampAndReadsWhatIsThere_isNot()
    {
        ShardMachine machine = WithOverwriter(stamp: 3, pi: 3);
        TransactionShare share = Share(4, "r:x@3", "w:z=1");
        share.IsInOrder = true;
        Vote vote = machine.ApplyAll(Prepare(9, 5, share))[0].Vote!;
        Assert.True(vote.Ok);
        Assert.Equal((At(5).Previous, At(5)), (vote.Eta, vote.Pi));
    }

    [Fact]
    public void L5_overwritingWhatALargerStampRead_isRefused()
    {
        var machine = new ShardMachine(new ShardId(1));
        machine.ApplyAll(One(1, 9, Share(0, "r:x", "w:q=1")));
        Vote vote = machine.ApplyAll(Prepare(9, 5, Share(1, "w:x=1")))[0].Vote!;
        Assert.Equal(RefusalReason.Window, vote.Reason);
        Assert.Equal(Key("x"), vote.Key);
    }

    [Fact]
    public void F2_equality_isRefused()
    {
        // T reads U's y and the x that U overwrote.
        var machine = new ShardMachine(new ShardId(1));
        machine.ApplyAll(One(1, 3, Share(0, "w:x=1", "w:y=1")));
        Vote vote = machine.ApplyAll(Prepare(9, 5, Share(1, "r:x", "r:y@3", "w:z=1")))[0].Vote!;
        Assert.Equal(RefusalReason.Window, vote.Reason);
        Assert.Equal(vote.Eta, vote.Pi);
    }

    [Fact]
    public void X1_mergedWindow_abortsWhereEachShardAgrees()
    {
        Vote a = Yes(1, 50) with { Eta = At(5), Pi = At(9) };
        Vote b = Yes(2, 50) with { Eta = At(2), Pi = At(4) };
        Assert.False(Vote.Decide(At(50), [a, b]).Commit);
        Assert.True(Vote.Decide(At(50), [a]).Commit);
        Assert.True(Vote.Decide(At(50), [b]).Commit);
        Assert.False(Vote.Decide(At(5), [a]).Commit);
    }

    [Theory]
    [InlineData("r:x", 20, RefusalReason.Busy)]
    [InlineData("r:x", 5, RefusalReason.Late)]
    [InlineData("w:x=2", 20, RefusalReason.Busy)]
    [InlineData("w:x=2", 5, RefusalReason.Late)]
    [InlineData("s:a..z", 20, RefusalReason.Busy)]
    [InlineData("s:a..z", 5, RefusalReason.Late)]
    [InlineData("r:y", 20, RefusalReason.None)]
    [InlineData("r:y", 5, RefusalReason.None)]
    [InlineData("w:y=2", 20, RefusalReason.None)]
    [InlineData("w:y=2", 5, RefusalReason.Late)]
    [InlineData("w:zz=2", 20, RefusalReason.None)]
    [InlineData("w:zz=2", 5, RefusalReason.Late)]
    public void Meeting_anUndecidedTransaction_followsTheTable(string operation, int stamp, RefusalReason expected)
    {
        // T, undecided at 10, writes x, has read y and scanned from zz on.
        var machine = new ShardMachine(new ShardId(1));
        machine.ApplyAll(Prepare(1, 10, Share(1, "w:x=1", "r:y", "s:zz..zzz")));
        Vote vote = machine.ApplyAll(Prepare(2, (ulong)stamp, Share(1, operation)))[0].Vote!;

        Assert.Equal(expected, vote.Reason);
        if (expected == RefusalReason.None && operation[0] == 'w')
        {
            Assert.Equal(At(10), vote.Eta);
        }
    }

    [Fact]
    public void Refuse_beforePrepare_isANoForEver()
    {
        var machine = new ShardMachine(new ShardId(1));
        machine.ApplyAll(new RefuseCommand(Txn(1), At(10), [new ShardId(1), new ShardId(2)]));
        ApplyResult late = machine.ApplyAll(Prepare(1, 10, Share(1, "w:x=1")))[0];
        Assert.Equal(RefusalReason.Refused, late.Vote!.Reason);
        Assert.Null(machine.Fences.WriterOf(Key("x")));
    }

    [Fact]
    public void Prepare_again_isTheSameVoteAlthoughTheStateHasChanged()
    {
        var machine = new ShardMachine(new ShardId(1));
        Vote first = machine.ApplyAll(Prepare(1, 10, Share(1, "w:x=1")))[0].Vote!;
        machine.ApplyAll(new OutcomeCommand(Txn(1), [first, No(2)]), One(2, 20, Share(0, "w:x=2")));
        Assert.Equal(first, machine.ApplyAll(Prepare(1, 10, Share(1, "w:x=1")))[0].Vote);
        Assert.Equal(RegisterState.Aborted, machine.Registers.Find(Txn(1))!.State);
    }

    [Fact]
    public void Outcome_ofAnAbort_leavesNothing()
    {
        var machine = new ShardMachine(new ShardId(1));
        Vote vote = machine.ApplyAll(Prepare(1, 10, Share(1, "w:x=1", "r:y", "s:m..n")))[0].Vote!;
        machine.ApplyAll(new OutcomeCommand(Txn(1), [vote, No(2)]));
        Assert.Null(machine.Versions.Find(Key("x")));
        Assert.True(machine.ApplyAll(One(2, 5, Share(1, "w:x=1", "w:y=1", "w:mm=1")))[0].Vote!.Ok);
    }

    [Fact]
    public void Prepare_atOrBelowTheClosedStamp_isRefused()
    {
        var machine = new ShardMachine(new ShardId(1));
        machine.ApplyAll(new CloseCommand(At(10), [], default, 0));
        Assert.Equal(RefusalReason.Closed, machine.ApplyAll(Prepare(1, 10, Share(1, "w:x=1")))[0].Vote!.Reason);
        Assert.True(machine.ApplyAll(Prepare(2, 11, Share(1, "w:x=1")))[0].Vote!.Ok);
    }

    [Fact]
    public void Prepare_ofASnapshotBelowTheHorizon_isRefused()
    {
        var machine = new ShardMachine(new ShardId(1));
        machine.ApplyAll(new HorizonCommand(At(10)));
        Assert.Equal(RefusalReason.SnapshotTooOld, machine.ApplyAll(Prepare(1, 20, Share(9, "r:x")))[0].Vote!.Reason);
        Assert.True(machine.ApplyAll(Prepare(3, 20, Share(10, "r:x")))[0].Vote!.Ok);
        Assert.True(machine.ApplyAll(Prepare(4, 20, Share(0, "w:y=1")))[0].Vote!.Ok);
        Assert.Equal(RefusalReason.Window, machine.ApplyAll(Prepare(5, 10, Share(0, "w:k=1")))[0].Vote!.Reason);
    }

    [Fact]
    public void Floor_isTheLastCeiling()
    {
        var machine = new ShardMachine(new ShardId(1));
        machine.ApplyAll(new CeilingCommand(At(30)), new FloorCommand(At(1)));
        Assert.Equal(RefusalReason.Window, machine.ApplyAll(Prepare(1, 30, Share(0, "w:x=1")))[0].Vote!.Reason);
        Assert.True(machine.ApplyAll(Prepare(2, 31, Share(0, "w:x=1")))[0].Vote!.Ok);
    }

    [Fact]
    public void RefuseSession_refusesAttemptsWithoutAVote()
    {
        var machine = new ShardMachine(new ShardId(1));
        Assert.True(machine.ApplyAll(Prepare(1, 10, Share(0, "w:x=1")))[0].Vote!.Ok);
        machine.ApplyAll(new RefuseSessionCommand(1, 1), new RefuseSessionCommand(1, 2));
        Assert.True(machine.ApplyAll(Prepare(1, 10, Share(0, "w:x=1")))[0].Vote!.Ok);
        Assert.Equal(RefusalReason.Refused, machine.ApplyAll(Prepare(2, 11, Share(0, "w:y=1")))[0].Vote!.Reason);

        // A new shard that has closed nothing yet remembers it as long as any other.
        machine.ApplyAll(new CloseCommand(HlcTimestamp.FromPhysicalMs(BaseMs + 1_000), [], default, 0));
        PrepareCommand again = Prepare(2, 0, Share(0, "w:y=1")) with
        {
            Id = new TxnId(1, 2, 1),
            Stamp = HlcTimestamp.FromPhysicalMs(BaseMs + 2_000),
        };
        Assert.Equal(RefusalReason.Refused, machine.ApplyAll(again)[0].Vote!.Reason);
    }

    // U reads a that V(pi) overwrote, so that its pi is V's stamp, and overwrites the absent x.
    private static ShardMachine WithOverwriter(ulong stamp, ulong pi)
    {
        var machine = new ShardMachine(new ShardId(1));
        if (pi < stamp)
        {
            machine.ApplyAll(One(1, pi, Share(0, "w:a=1")));
            machine.ApplyAll(One(2, stamp, Share(1, "r:a", "w:x=1")));
        }
        else
        {
            machine.ApplyAll(One(2, stamp, Share(0, "w:x=1")));
        }

        Assert.Equal(At(pi), machine.Versions.Find(Key("x"))!.Newest.Older!.Sstamp);
        return machine;
    }
}
