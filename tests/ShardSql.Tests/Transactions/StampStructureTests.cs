using System.Collections.Generic;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Transactions;

using Xunit;

using static ShardSql.Tests.Transactions.Stamps;

namespace ShardSql.Tests.Transactions;

/// <summary>Range stamps, stamp buckets, registers and settled versions.</summary>
public sealed class StampStructureTests
{
    [Fact]
    public void RangeStamps_randomScans_areNeverBelowTheTruth()
    {
        var random = new Prng(2);
        var stamps = new RangeStamps();
        var scans = new List<(KeyRange Range, HlcTimestamp Stamp)>();
        HlcTimestamp horizon = HlcTimestamp.Zero;
        for (ulong i = 1; i <= 400; i++)
        {
            byte[] a = [(byte)random.Next(256), (byte)random.Next(4)];
            byte[] b = [(byte)random.Next(256), (byte)random.Next(4)];
            bool swap = ByteKeyComparer.Instance.Compare(a, b) > 0;
            var range = new KeyRange(swap ? b : a, random.Chance(50_000) ? null : swap ? a : b);
            HlcTimestamp stamp = At((ulong)random.Next(1, 10_000));
            stamps.Raise(range, stamp);
            scans.Add((range, stamp));
            if (i % 100 == 0)
            {
                horizon = At(i * 5);
                stamps.Forget(horizon);
            }
        }

        for (int i = 0; i < 2_000; i++)
        {
            byte[] key = [(byte)random.Next(256), (byte)random.Next(5), (byte)random.Next(2)];
            HlcTimestamp truth = scans.Where(scan => scan.Range.Contains(key)).Select(scan => scan.Stamp)
                .Append(HlcTimestamp.Zero).Max();
            Assert.Equal(truth > horizon ? truth : HlcTimestamp.Zero, stamps.At(key));
        }
    }

    [Fact]
    public void RangeStamps_overTheirBound_mergeUpwards()
    {
        var stamps = new RangeStamps();
        for (int i = 0; i < RangeStamps.BreakpointsMax * 2; i++)
        {
            byte[] key = [(byte)(i >> 8), (byte)i, 1];
            stamps.Raise(new KeyRange(key, KeyRange.Successor(key)), At((ulong)i + 1));
        }

        Assert.True(stamps.Count <= RangeStamps.BreakpointsMax + 2);
        for (int i = 0; i < RangeStamps.BreakpointsMax * 2; i++)
        {
            Assert.True(stamps.At([(byte)(i >> 8), (byte)i, 1]) >= At((ulong)i + 1));
        }
    }

    [Fact]
    public void RangeStamps_ofAnEmptyRange_changeNothing()
    {
        var stamps = new RangeStamps();
        stamps.Raise(Range("c", "c"), At(5));
        stamps.Raise(Range("d", "c"), At(5));
        Assert.Equal(1, stamps.Count);
        Assert.Equal(HlcTimestamp.Zero, stamps.At(Key("c")));
    }

    [Fact]
    public void StampBuckets_roundTrip_keepsWhatIsAboveTheHorizon()
    {
        var buckets = new StampBuckets();
        buckets.Raise(Key("a"), At(5));
        buckets.Raise(Key("b"), At(15));
        buckets.Raise(Key("b"), At(12));
        var writer = new ByteWriter();
        buckets.Write(writer, At(10));
        var reader = new ByteReader(writer.WrittenSpan);
        StampBuckets read = StampBuckets.Read(ref reader);

        Assert.True(reader.EndedWell);
        Assert.Equal(At(15), read.At(Key("b")));
        Assert.Equal(HlcTimestamp.Zero, read.At(Key("a")));
    }

    [Fact]
    public void Registers_areForgottenOnlyWhenNobodyCanAsk()
    {
        var machine = new ShardMachine(new ShardId(1));
        machine.ApplyAll(Prepare(1, 10, Share(0, "w:x=1")), Prepare(2, 11, Share(0, "w:y=1")), One(3, 12, Share(0, "w:z=1")));
        machine.ApplyAll(new OutcomeCommand(Txn(1), [machine.Registers.Find(Txn(1))!.Vote, Yes(2, 10)]));
        HlcTimestamp late = HlcTimestamp.FromPhysicalMs(BaseMs + RegisterTable.OutcomeWindowMs + 1_000);

        machine.ApplyAll(new CloseCommand(HlcTimestamp.FromPhysicalMs(BaseMs + 1_000), [Txn(1)], default, 0));
        Assert.Equal(3, machine.Registers.Count);
        machine.ApplyAll(new CloseCommand(late, [], default, 0));
        Assert.Null(machine.Registers.Find(Txn(1)));
        Assert.Null(machine.Registers.Find(Txn(3)));
        Assert.Equal(RegisterState.Undecided, machine.Registers.Find(Txn(2))!.State);

        // Decided, old and closed, but not applied everywhere as far as is known: somebody may still ask.
        machine.ApplyAll(new OutcomeCommand(Txn(2), [machine.Registers.Find(Txn(2))!.Vote, Yes(2, 11)]));
        machine.ApplyAll(new CloseCommand(late, [], default, 0));
        Assert.NotNull(machine.Registers.Find(Txn(2)));
        machine.ApplyAll(new CloseCommand(late, [Txn(2)], default, 0));
        Assert.Null(machine.Registers.Find(Txn(2)));

        // A PREPARE or QUERY that comes again after all that is refused, and does not pass for a no that always was one: who
        // asks may not have heard that it committed.
        Assert.Equal(RefusalReason.Forgotten, machine.ApplyAll(Prepare(2, 11, Share(0, "w:y=1")))[0].Vote!.Reason);
        Assert.Equal(
            RefusalReason.Forgotten,
            machine.ApplyAll(new RefuseCommand(Txn(1), At(10), [new ShardId(1), new ShardId(2)]))[0].Vote!.Reason);
        Assert.Equal(RefusalReason.Closed, machine.ApplyAll(Prepare(8, 12, Share(0, "w:y=1")))[0].Vote!.Reason);
    }

    [Fact]
    public void Registers_attemptsOfATransaction_areFoundTogether()
    {
        var machine = new ShardMachine(new ShardId(1));
        for (uint attempt = 0; attempt < 3; attempt++)
        {
            machine.ApplyAll(One(5, 10 + attempt, Share(0, "w:x=1")) with { Id = Txn(5, attempt) });
        }

        machine.ApplyAll(One(6, 20, Share(0, "w:x=1")), One(4, 21, Share(0, "w:x=1")));
        Assert.Equal([0u, 1u, 2u], machine.Registers.Attempts(1, 5).Select(register => register.Id.Attempt));
        Assert.Equal(2u, machine.Registers.Find(Txn(5, 2))!.Id.Attempt);
        Assert.Null(machine.Registers.Find(Txn(5, 3)));
        Assert.Empty(machine.Registers.Attempts(1, 7));
    }

    [Fact]
    public void Registers_thatAreSettled_areFoundAndStoredAsTheyWere()
    {
        const int count = (2 * RegisterBlocks.BlockLength) + 10;
        static HlcTimestamp StampOf(ulong i) => HlcTimestamp.FromPhysicalMs(BaseMs + (long)i);
        var machine = new ShardMachine(new ShardId(1));
        for (ulong i = 1; i <= count; i++)
        {
            machine.ApplyAll(i == 3
                ? Prepare(i, 3, Share(0, "w:x=1")) with { Stamp = StampOf(i) }
                : One(i, i, Share(0, "w:y=1")) with { Stamp = StampOf(i), Result = [(byte)i] });
        }

        Vote vote = machine.Registers.Find(Txn(3))!.Vote;
        machine.ApplyAll(new OutcomeCommand(Txn(3), [vote, Yes(2, 10)]));
        Assert.False(machine.Registers.Find(Txn(3))!.IsSettled);
        machine.ApplyAll(new CloseCommand(At(1), [Txn(3)], default, 0));

        ShardMachine read = ShardMachine.ReadState(new ShardId(1), StateOf(machine))!;
        Assert.Equal(StateOf(machine), StateOf(read));
        foreach (ShardMachine each in (ShardMachine[])[machine, read])
        {
            Assert.Equal(count, each.Registers.Count);
            Assert.Equal(RegisterState.Committed, each.Registers.Find(Txn(3))!.State);
            for (ulong i = 4; i <= count; i++)
            {
                Register register = each.Registers.Find(Txn(i))!;
                Assert.Equal((Txn(i), StampOf(i), (byte)i), (register.Id, register.Stamp, Assert.Single(register.Result)));
            }
        }

        // What was forgotten of a block is gone from it, as bytes or not.
        HlcTimestamp late = HlcTimestamp.FromPhysicalMs(BaseMs + RegisterTable.OutcomeWindowMs + 100);
        machine.ApplyAll(new CloseCommand(late, [], default, 0));
        Assert.InRange(machine.Registers.Count, 1, count - 1);
        Assert.Null(machine.Registers.Find(Txn(3)));
        read = ShardMachine.ReadState(new ShardId(1), StateOf(machine))!;
        Assert.Equal(machine.Registers.Count, read.Registers.Count);
        Assert.NotNull(read.Registers.Find(Txn(count)));
    }

    private static byte[] StateOf(ShardMachine machine)
    {
        var writer = new ByteWriter();
        machine.WriteState(writer);
        return writer.ToArray();
    }

    [Fact]
    public void Settle_keepsTheStampsOfTheNewestBelowTheHorizonWhileItHasASuccessor()
    {
        var machine = new ShardMachine(new ShardId(1));
        machine.ApplyAll(One(1, 10, Share(0, "w:x=1")), One(2, 20, Share(0, "w:x=2")), One(3, 30, Share(0, "w:x=3")));
        machine.ApplyAll(new HorizonCommand(At(25)));
        KeyState state = machine.Versions.Find(Key("x"))!;
        Assert.Equal([At(30), At(20)], state.Versions.Select(version => version.Cstamp));
        Assert.Equal((At(30), At(30)), (state.Newest.Older!.Sstamp, state.Newest.Older.Scstamp));

        machine.ApplyAll(One(4, 40, Share(35, "r:x@30", "w:q=1")), new HorizonCommand(At(35)));
        Assert.Null(machine.Versions.Find(Key("x")));
        Assert.Equal("3", System.Text.Encoding.UTF8.GetString(machine.Versions.FindSettled(Key("x"))!.Value!));

        // What is left of the reader at 40 is in the buckets, also behind a snapshot.
        var writer = new ByteWriter();
        machine.WriteState(writer);
        ShardMachine copy = ShardMachine.ReadState(new ShardId(1), writer.WrittenSpan)!;
        Assert.Equal(RefusalReason.Window, copy.ApplyAll(Prepare(5, 39, Share(0, "w:x=4")))[0].Vote!.Reason);
        Assert.True(copy.ApplyAll(Prepare(6, 41, Share(0, "w:x=4")))[0].Vote!.Ok);
    }

    [Fact]
    public void ReadState_ofCutOrForeignBytes_isNull()
    {
        var machine = new ShardMachine(new ShardId(1));
        machine.ApplyAll(
            One(1, 10, Share(5, "w:x=1", "s:a..b", "r:k")), Prepare(2, 20, Share(5, "w:y=1", "r:z", "s:m..n")),
            new RefuseSessionCommand(3, 4), new HorizonCommand(At(12)));
        var writer = new ByteWriter();
        machine.WriteState(writer);
        Assert.Null(ShardMachine.ReadState(new ShardId(2), writer.WrittenSpan));
        for (int length = 0; length < writer.Length; length++)
        {
            Assert.Null(ShardMachine.ReadState(new ShardId(1), writer.WrittenSpan[..length]));
        }
    }
}
