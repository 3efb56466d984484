using System.Collections.Generic;
using System.Text;

using ShardSql.Primitives;
using ShardSql.Simulation.Model;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Explorer;

/// <summary>A transaction of the exploration: its commands, by shard, and what it reads and writes.</summary>
internal sealed class CommitTransaction
{
    public required ModelTransaction Model { get; init; }

    public required HlcTimestamp Stamp { get; init; }

    public required IReadOnlyList<ShardId> Participants { get; init; }

    /// <summary>PREPARE or ONE for each shard; null where it does not take part.</summary>
    public required Command?[] Commands { get; init; }

    /// <summary>Whether it gives a segment away: what it prepares depends on what the shards have.</summary>
    public bool IsSwitch { get; init; }

    /// <summary>The command for a shard that has the segment as it has it; null: none, or none yet.</summary>
    public Command? CommandFor(int shard, SegmentView? segment)
    {
        if (!IsSwitch)
        {
            return Commands[shard];
        }

        TransactionShare? share = shard == 0 ? MoveSteps.SourceShare(segment!) : MoveSteps.TargetShare(segment!);
        return share is null ? null : new PrepareCommand(Model.Id, Stamp, HlcTimestamp.Zero, Participants, share);
    }
}

/// <summary>Builds the transactions: row x is on the first shard, y on the second, both absent at first.</summary>
internal static class CommitTransactions
{
    private static readonly HlcTimestamp s_begin = Stamp(10);

    public static ShardId ShardOf(int shard) => new((uint)shard + 1);

    public static List<CommitTransaction> Of(CommitBounds bounds)
    {
        if (bounds.HasMove)
        {
            return WithMove(bounds.Workload);
        }

        (string Reads, string Writes)[] what = bounds.Workload switch
        {
            CommitWorkload.WriteSkew => [("xy", "x"), ("xy", "y")],
            CommitWorkload.ReadModifyWrite => [("xy", "xy"), ("xy", "xy")],
            CommitWorkload.BlindWrites => [("", "xy"), ("", "xy")],
            _ => [("x", "y"), ("y", "x")],
        };
        var all = new List<CommitTransaction> { Cross(1, Stamp(100), what[0]), Cross(2, Stamp(200), what[1]) };
        if (bounds.WithOne)
        {
            all.Add(OneAt(0, 3, Stamp(150)));
        }

        return all;
    }

    private static List<CommitTransaction> WithMove(CommitWorkload workload)
    {
        List<CommitTransaction> all = [Switch(1, Stamp(150))];
        all.AddRange(workload switch
        {
            CommitWorkload.Move => [OneAt(0, 2, Stamp(100), MoveSteps.First), OneAt(1, 3, Stamp(200), MoveSteps.Second)],
            CommitWorkload.MoveWithWrongStamps =>
                [OneAt(0, 2, Stamp(200), MoveSteps.First), OneAt(1, 3, Stamp(100), MoveSteps.Second)],
            _ => (CommitTransaction[])[ReadXWriteY(2, Stamp(180)), OneAt(1, 3, Stamp(200), MoveSteps.Second)],
        });
        return all;
    }

    private static CommitTransaction Switch(ulong number, HlcTimestamp stamp) => new()
    {
        Model = new ModelTransaction { Id = new TxnId(1, number, 0), Stamp = stamp },
        Stamp = stamp,
        Participants = [ShardOf(0), ShardOf(1)],
        Commands = [null, null],
        IsSwitch = true,
    };

    private static CommitTransaction ReadXWriteY(ulong number, HlcTimestamp stamp)
    {
        CommitTransaction transaction = Cross(number, stamp, ("x", "y"));
        ((PrepareCommand)transaction.Commands[0]!).Share.Guards.Add(MoveSteps.First);
        return transaction;
    }

    private static HlcTimestamp Stamp(ulong tick) => new(HlcTimestamp.FromPhysicalMs(1_000_000).Time + tick, 7);

    private static CommitTransaction Cross(ulong number, HlcTimestamp stamp, (string Reads, string Writes) what)
    {
        var model = new ModelTransaction { Id = new TxnId(1, number, 0), Stamp = stamp };
        TransactionShare[] shares = [Share(model, what, 'x'), Share(model, what, 'y')];
        List<ShardId> participants = [ShardOf(0), ShardOf(1)];
        return new CommitTransaction
        {
            Model = model,
            Stamp = stamp,
            Participants = participants,
            Commands =
            [
                new PrepareCommand(model.Id, stamp, s_begin, participants, shares[0]),
                new PrepareCommand(model.Id, stamp, s_begin, participants, shares[1]),
            ],
        };
    }

    // Reads and writes x, at whichever shard has it.
    private static CommitTransaction OneAt(int shard, ulong number, HlcTimestamp stamp, Guard? guard = null)
    {
        var model = new ModelTransaction { Id = new TxnId(1, number, 0), Stamp = stamp };
        TransactionShare share = Share(model, ("x", "x"), 'x');
        if (guard is { } relied)
        {
            share.Guards.Add(relied);
        }

        var command = new OneCommand(model.Id, stamp, s_begin, share, OneMode.Snapshot, default, []);
        return new CommitTransaction
        {
            Model = model,
            Stamp = stamp,
            Participants = [ShardOf(shard)],
            Commands = shard == 0 ? [command, null] : [null, command],
        };
    }

    private static TransactionShare Share(ModelTransaction model, (string Reads, string Writes) what, char key)
    {
        string text = key.ToString();
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        var share = new TransactionShare { Begin = s_begin };
        if (what.Reads.Contains(key, System.StringComparison.Ordinal))
        {
            share.Reads.Add(new KeyRead(bytes, HlcTimestamp.Zero));
            model.Reads.Add(new(text, null));
        }

        if (what.Writes.Contains(key, System.StringComparison.Ordinal))
        {
            string value = $"T{model.Id.Sequence}";
            share.Writes.Add(new KeyWrite(bytes, Encoding.UTF8.GetBytes(value)));
            model.Writes[text] = value;
        }

        return share;
    }
}
