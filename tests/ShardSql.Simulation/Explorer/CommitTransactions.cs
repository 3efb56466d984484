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
}

/// <summary>Builds the transactions: row x is on the first shard, y on the second, both absent at first.</summary>
internal static class CommitTransactions
{
    private static readonly HlcTimestamp s_begin = Stamp(10);

    public static ShardId ShardOf(int shard) => new((uint)shard + 1);

    public static List<CommitTransaction> Of(CommitBounds bounds)
    {
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
            all.Add(One(3, Stamp(150)));
        }

        return all;
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

    private static CommitTransaction One(ulong number, HlcTimestamp stamp)
    {
        var model = new ModelTransaction { Id = new TxnId(1, number, 0), Stamp = stamp };
        var command = new OneCommand(model.Id, stamp, s_begin, Share(model, ("x", "x"), 'x'), OneMode.Snapshot, default, []);
        return new CommitTransaction
        {
            Model = model,
            Stamp = stamp,
            Participants = [ShardOf(0)],
            Commands = [command, null],
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
