using System.Collections.Generic;
using System.Text;

using ShardSql.Primitives;
using ShardSql.Transactions;

namespace ShardSql.Tests.Transactions;

/// <summary>Short names for what these tests are about. Stamps lie within one cell of the snapshot grid.</summary>
internal static class Stamps
{
    /// <summary>The millisecond that <see cref="At"/> counts from.</summary>
    public const long BaseMs = 1_000_000_000;

    private const ulong TestSource = 7;

    public static HlcTimestamp At(ulong tick, ulong source = TestSource) =>
        new((HlcTimestamp.FromPhysicalMs(BaseMs).Time) + tick, source);

    public static byte[] Key(string text) => Encoding.UTF8.GetBytes(text);

    public static TxnId Txn(ulong number, uint attempt = 0) => new(1, number, attempt);

    public static KeyRange Range(string start, string? end) => new(Key(start), end is null ? null : Key(end));

    /// <summary>A share: <c>r:x@5</c> reads, <c>w:x=1</c> writes, <c>d:x</c> deletes, <c>s:a..c</c> scans.</summary>
    public static TransactionShare Share(ulong begin, params string[] operations)
    {
        var share = new TransactionShare { Begin = At(begin) };
        foreach (string operation in operations)
        {
            Add(share, operation);
        }

        return share;
    }

    private static void Add(TransactionShare share, string operation)
    {
        string text = operation[2..];
        switch (operation[0])
        {
            case 'r':
                string[] read = text.Split('@');
                share.Reads.Add(new KeyRead(Key(read[0]), read.Length == 1 ? HlcTimestamp.Zero : At(ulong.Parse(read[1]))));
                break;
            case 'w':
                string[] write = text.Split('=');
                share.Writes.Add(new KeyWrite(Key(write[0]), Key(write.Length == 1 ? "v" : write[1])));
                break;
            case 'd':
                share.Writes.Add(new KeyWrite(Key(text), null));
                break;
            default:
                string[] range = text.Split("..");
                share.Ranges.Add(Range(range[0], range[1]));
                break;
        }
    }

    /// <summary>Applies commands, an entry each, and gives their results.</summary>
    public static List<ApplyResult> ApplyAll(this ShardMachine machine, params Command[] commands)
    {
        var results = new List<ApplyResult>();
        foreach (Command command in commands)
        {
            machine.BeginEntry(machine.Applied.Next);
            results.Add(machine.Apply(command));
        }

        return results;
    }

    public static OneCommand One(ulong txn, ulong stamp, TransactionShare share, OneMode mode = OneMode.Snapshot, ulong basis = 0) =>
        new(Txn(txn), At(stamp), HlcTimestamp.Zero, share, mode, new Slot(basis), []);

    public static PrepareCommand Prepare(ulong txn, ulong stamp, TransactionShare share, params uint[] shards)
    {
        var participants = new List<ShardId>();
        foreach (uint shard in shards.Length == 0 ? [1, 2] : shards)
        {
            participants.Add(new ShardId(shard));
        }

        return new PrepareCommand(Txn(txn), At(stamp), HlcTimestamp.Zero, participants, share);
    }

    /// <summary>A yes of another shard that sees nothing in the way.</summary>
    public static Vote Yes(uint shard, ulong stamp) => new(new ShardId(shard), true, HlcTimestamp.Zero, At(stamp));

    public static Vote No(uint shard) =>
        new(new ShardId(shard), false, HlcTimestamp.Zero, HlcTimestamp.Infinity, RefusalReason.Refused);
}
