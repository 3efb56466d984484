using System.Linq;

using ShardSql.Primitives;
using ShardSql.Transactions;

using Xunit;

using static ShardSql.Tests.Transactions.Stamps;

namespace ShardSql.Tests.Transactions;

public sealed class GuardTests
{
    private static readonly Guard OldVersion = new(GuardKind.Table, 1, 1);
    private static readonly Guard NewVersion = new(GuardKind.Table, 1, 2);

    [Fact]
    public void BlockerOf_aSetterWithALargerStamp_isNobody()
    {
        // Waits go from larger to smaller stamps only: two shards that see the two in another order would wait in a circle.
        var machine = new ShardMachine(new ShardId(1));
        var leader = new ShardLeader(machine, new HlcClock(7));
        TransactionShare relies = Share(0, "w:x=1");
        relies.Guards.Add(OldVersion);
        leader.ProposePrepare(Txn(1), At(20), [new ShardId(1), new ShardId(2)], Sets());
        Assert.Null(leader.BlockerOf(relies, At(10)));
        Assert.Equal(Txn(1), leader.BlockerOf(relies, At(30)));

        machine.ApplyAll(Prepare(1, 20, Sets()));
        var next = new ShardLeader(machine, new HlcClock(8));
        next.TakeOver(1);
        Assert.Null(next.BlockerOf(relies, At(10)));
        Assert.Equal(Txn(1), next.BlockerOf(relies, At(30)));
    }

    [Fact]
    public void Prepare_planedWithAnOldVersion_isRefused()
    {
        var machine = new ShardMachine(new ShardId(1));
        machine.ApplyAll(One(1, 10, Sets()));
        TransactionShare relies = Share(0, "w:x=1");
        relies.Guards.Add(OldVersion);
        Assert.Equal(RefusalReason.StaleSchema, machine.ApplyAll(Prepare(2, 20, relies))[0].Vote!.Reason);

        TransactionShare right = Share(0, "w:x=1");
        right.Guards.Add(NewVersion);
        Assert.True(machine.ApplyAll(Prepare(3, 20, right))[0].Vote!.Ok);

        // Who relies on a version comes after who set it.
        Assert.Equal(RefusalReason.Window, machine.ApplyAll(Prepare(4, 5, SharePlannedWith(NewVersion)))[0].Vote!.Reason);
    }

    [Fact]
    public void Set_overACommittedReliant_comesAfterIt()
    {
        var machine = new ShardMachine(new ShardId(1));
        machine.ApplyAll(One(1, 10, SharePlannedWith(OldVersion with { Version = 0 })));
        Assert.Equal(RefusalReason.Window, machine.ApplyAll(One(2, 9, Sets()))[0].Vote!.Reason);
        Assert.True(machine.ApplyAll(One(3, 11, Sets()))[0].Vote!.Ok);
    }

    private static TransactionShare Sets()
    {
        TransactionShare share = Share(0);
        share.NewGuards.Add(NewVersion);
        return share;
    }

    private static TransactionShare SharePlannedWith(Guard guard)
    {
        TransactionShare share = Share(0, "w:q=1");
        share.Guards.Add(guard);
        return share;
    }
}
