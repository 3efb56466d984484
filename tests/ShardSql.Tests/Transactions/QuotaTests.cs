using System;
using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Transactions;
using ShardSql.Transactions.Moves;

using Xunit;

using static ShardSql.Tests.Transactions.Stamps;

namespace ShardSql.Tests.Transactions;

/// <summary>Escrow at one shard: what is taken from a quota is there, whatever is undecided.</summary>
public sealed class QuotaTests
{
    private static readonly byte[] s_header = Key("h");

    private readonly ShardMachine _machine = new(new ShardId(1));
    private ulong _last;

    [Fact]
    public void What_is_reserved_is_not_taken_again()
    {
        Begin(10, 100);
        Assert.True(TakePrepared(2, 20, 60).Ok);
        Assert.Equal(40, _machine.FreeAt(s_header));
        Vote second = TakePrepared(3, 30, 60);
        Assert.Equal((false, RefusalReason.NoQuota), (second.Ok, second.Reason));

        Decide(2, 20, commits: false);
        Assert.Equal(100, _machine.FreeAt(s_header));
        Assert.True(TakePrepared(4, 40, 60).Ok);
        Decide(4, 40, commits: true);
        Assert.Equal(40, _machine.FreeAt(s_header));
        Assert.Equal(RefusalReason.NoQuota, Apply(One(5, 50, Change(41))).Reason);
        Assert.True(Apply(One(6, 60, Change(40))).Ok);
        Assert.Equal(0, _machine.FreeAt(s_header));
    }

    [Fact]
    public void What_is_added_counts_once_it_is_committed_and_who_takes_comes_after_it()
    {
        Begin(10, 0);
        Assert.True(Apply(Prepare(2, 30, Change(-50))).Ok);
        Assert.Equal(RefusalReason.NoQuota, Apply(One(3, 40, Change(1))).Reason);
        Decide(2, 30, commits: true);

        // Before the one that has added there was nothing: a reader between the two would see less than nothing.
        Assert.Equal(RefusalReason.Window, Apply(Prepare(4, 20, Change(1))).Reason);
        Vote after = Apply(Prepare(5, 50, Change(1)));
        Assert.True(after.Ok);
        Assert.True(after.Eta >= At(30));
    }

    [Fact]
    public void Takers_do_not_wait_for_each_other_and_leave_no_stamps()
    {
        Begin(10, 100);
        Assert.True(TakePrepared(2, 40, 10).Ok);
        Assert.True(TakePrepared(3, 30, 10).Ok);
        Vote third = TakePrepared(4, 20, 10);
        Assert.True(third.Ok);
        Assert.True(third.Eta <= At(10));
        Decide(3, 30, commits: true);
        Decide(2, 40, commits: false);
        Decide(4, 20, commits: true);
        Assert.Equal(80, _machine.FreeAt(s_header));
    }

    [Fact]
    public void Many_changes_of_one_transaction_are_one()
    {
        Begin(10, 5);
        TransactionShare both = Change(8);
        both.Writes.Add(new KeyWrite(Key("d9"), Key("v"), new QuotaChange(s_header, 4)));
        Assert.True(Apply(One(2, 20, both)).Ok);
        Assert.Equal(1, _machine.FreeAt(s_header));

        TransactionShare begins = Share(0, "w:o=1");
        begins.Writes.Add(new KeyWrite(Key("h2"), Key("v"), new QuotaChange(Key("h2"), 10)));
        begins.Writes.Add(new KeyWrite(Key("h3"), Key("v"), new QuotaChange(Key("h2"), -3)));
        Assert.True(Apply(One(3, 30, begins)).Ok);
        Assert.Equal(7, _machine.FreeAt(Key("h2")));
    }

    [Fact]
    public void A_quota_goes_with_its_key_and_a_key_stays_with_its_quota()
    {
        Begin(10, 100);
        _machine.ApplyAll(new HorizonCommand(At(50)));
        Assert.Equal(100, _machine.FreeAt(s_header));
        KeyState kept = _machine.Versions.Find(s_header)!;
        Assert.True(kept.Newest.InBase);
        Assert.Equal("v"u8.ToArray(), _machine.Versions.FindSettled(s_header)!.Value);

        // The version that was settled has gone to the base store for good: a later horizon does not touch it.
        _machine.ApplyAll(new HorizonCommand(At(60)));
        Assert.Equal("v"u8.ToArray(), _machine.Versions.FindSettled(s_header)!.Value);
        Assert.True(Apply(One(2, 70, Change(1))).Ok);

        TransactionShare delete = Share(70, "d:h");
        delete.Reads.Add(new KeyRead(s_header, At(10)));
        Assert.True(Apply(One(3, 80, delete)).Ok);
        Assert.Null(_machine.FreeAt(s_header));
        Assert.Equal(RefusalReason.NoQuota, Apply(One(4, 90, Change(1))).Reason);
    }

    [Fact]
    public void States_and_copies_carry_it()
    {
        Begin(10, 100);
        Assert.True(TakePrepared(2, 20, 30).Ok);
        var state = new ByteWriter();
        _machine.WriteState(state);
        ShardMachine other = ShardMachine.ReadState(new ShardId(1), state.WrittenSpan)!;
        Assert.Equal(70, other.FreeAt(s_header));

        var copy = new ByteWriter();
        new KeyCopy { Key = s_header, Versions = _machine.Versions.Find(s_header)!.OldestFirst(), Quota = _machine.Versions.Find(s_header)!.Quota }
            .Write(copy);
        var reader = new ByteReader(copy.WrittenSpan);
        KeyCopy read = KeyCopy.Read(ref reader, new Slot(9));
        Assert.True(reader.EndedWell);
        Assert.Equal((100, 30, 9UL), ((long)read.Quota!.Amount, (long)read.Quota.Reserved, read.Quota.ChangedAt.Value));
    }

    private static TransactionShare NewDelta(ulong number, Int128 amount)
    {
        TransactionShare share = Share(0);
        share.Writes.Add(new KeyWrite([.. Key("d"), (byte)number], Key("v"), new QuotaChange(s_header, amount)));
        return share;
    }

    // Takes so much; negative: adds.
    private TransactionShare Change(int taken) => NewDelta(++_last, -taken);

    private Vote TakePrepared(ulong txn, ulong stamp, int taken) => Apply(Prepare(txn, stamp, Change(taken)));

    private void Begin(ulong stamp, int amount)
    {
        TransactionShare share = Share(0);
        share.Writes.Add(new KeyWrite(s_header, Key("v"), new QuotaChange(s_header, amount)));
        Assert.True(Apply(One(1, stamp, share)).Ok);
    }

    private Vote Apply(Command command) => _machine.ApplyAll(command)[0].Vote!;

    private void Decide(ulong txn, ulong stamp, bool commits)
    {
        IReadOnlyList<Vote> votes = [_machine.Registers.Find(Txn(txn))!.Vote, commits ? Yes(2, stamp) : No(2)];
        _machine.ApplyAll(new OutcomeCommand(Txn(txn), votes));
    }
}
