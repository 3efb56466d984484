using ShardSql.Primitives;
using ShardSql.Transactions;

using Xunit;

using static ShardSql.Tests.Transactions.Stamps;

namespace ShardSql.Tests.Transactions;

/// <summary>A ONE that its leader evaluated on top of what it had proposed (commit.md §4).</summary>
public sealed class EvaluatedOneTests
{
    [Fact]
    public void Apply_onTopOfARefusedOne_evaluatesAgain()
    {
        // x is not in memory; the write at 20 that was read was refused, so nobody ever wrote it.
        var machine = new ShardMachine(new ShardId(1));
        Vote vote = machine.ApplyAll(One(2, 21, Share(0, "r:x@20", "w:x=2"), OneMode.Evaluated))[0].Vote!;

        Assert.Equal(RefusalReason.StaleEvaluation, vote.Reason);
        Assert.Null(machine.Registers.Find(Txn(2)));
    }

    [Fact]
    public void Apply_onASettledRow_commits()
    {
        var machine = new ShardMachine(new ShardId(1));
        machine.ApplyAll(One(1, 20, Share(0, "w:x=1")), new HorizonCommand(At(30)));
        Vote vote = machine.ApplyAll(One(2, 40, Share(0, "r:x@20", "w:x=2"), OneMode.Evaluated))[0].Vote!;

        Assert.True(vote.Ok);
    }

    [Fact]
    public void Propose_withAScanOverAWriteThatIsRefused_evaluatesAgain()
    {
        var machine = new ShardMachine(new ShardId(1));
        var clock = new HlcClock(7);
        clock.Merge(At(100));
        var leader = new ShardLeader(machine, clock);
        leader.Begin();

        // T undecided reads k; a ONE at a snapshot writes b, and is refused since it read what T writes.
        machine.ApplyAll(Prepare(1, 50, Share(10, "w:k=1")));
        leader.ProposeOne(Txn(2), Share(10, "r:k", "w:b=1"), OneMode.Snapshot, machine.Applied, default, [], Stamps.BaseMs);
        leader.ProposeOne(Txn(3), Share(0, "s:a..c", "w:z=1"), OneMode.Evaluated, machine.Applied, default, [], Stamps.BaseMs);
        Vote[] votes = ApplyQueue(machine, leader);

        Assert.Equal(RefusalReason.Busy, votes[0].Reason);
        Assert.Equal(RefusalReason.StaleEvaluation, votes[1].Reason);
    }

    [Fact]
    public void Propose_withAScanOverAWriteThatCommits_commits()
    {
        var machine = new ShardMachine(new ShardId(1));
        var leader = new ShardLeader(machine, new HlcClock(7));
        leader.Begin();
        leader.ProposeOne(Txn(2), Share(0, "w:b=1"), OneMode.Snapshot, machine.Applied, default, [], Stamps.BaseMs);
        leader.ProposeOne(Txn(3), Share(0, "s:a..c", "w:z=1"), OneMode.Evaluated, machine.Applied, default, [], Stamps.BaseMs);
        leader.ProposeOne(Txn(4), Share(0, "s:a..c", "w:b=2"), OneMode.Evaluated, machine.Applied, default, [], Stamps.BaseMs);
        Vote[] votes = ApplyQueue(machine, leader);

        Assert.All(votes, vote => Assert.True(vote.Ok));
    }

    [Fact]
    public void Apply_afterAVersionThatTheScanDidNotSee_evaluatesAgain()
    {
        var machine = new ShardMachine(new ShardId(1));
        machine.ApplyAll(One(1, 20, Share(0, "w:b=1")));
        var other = new OneCommand(Txn(2), At(22, source: 8), default, Share(0, "s:a..c", "w:z=1"), OneMode.Evaluated, default, []);

        // Slot 1 is after the basis and another leader's: it was not seen.
        Assert.Equal(RefusalReason.StaleEvaluation, machine.ApplyAll(other)[0].Vote!.Reason);
        Assert.True(machine.ApplyAll(other with { Basis = new Slot(1) })[0].Vote!.Ok);
    }

    private static Vote[] ApplyQueue(ShardMachine machine, ShardLeader leader)
    {
        var votes = new System.Collections.Generic.List<Vote>();
        var entry = new ByteWriter();
        leader.TakeEntry(entry, int.MaxValue);
        var reader = new ByteReader(entry.WrittenSpan);
        while (reader.Remaining > 0)
        {
            Command command = Command.Read(ref reader)!;
            ApplyResult result = machine.ApplyAll(command)[0];
            leader.OnApplied(command, result);
            if (result.Vote is { } vote)
            {
                votes.Add(vote);
            }
        }

        return [.. votes];
    }
}
