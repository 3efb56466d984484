using ShardSql.Primitives;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Directed;

/// <summary>Single paths through the shard machine, each with the rule that it needs.</summary>
internal static class CommitScenarios
{
    private const long BeginMs = 1_000_000;

    private static readonly ShardId s_here = new(1);
    private static readonly ShardId s_there = new(2);
    private static readonly byte[] s_header = [1];

    /// <summary>A PREPARE comes once more when its vote was forgotten, as all had reported and its stamp is closed.</summary>
    public static string? PrepareAfterItsVoteIsForgotten()
    {
        var machine = new ShardMachine(s_here);
        var prepare = new PrepareCommand(
            new TxnId(1, 1, 1), HlcTimestamp.FromPhysicalMs(BeginMs), HlcTimestamp.Zero, [s_here, s_there],
            new TransactionShare
            {
                Begin = HlcTimestamp.FromPhysicalMs(BeginMs), Reads = { new KeyRead([1], HlcTimestamp.Zero) },
            });
        Vote vote = machine.ApplyEntry(prepare).Vote!;
        machine.ApplyEntry(new OutcomeCommand(prepare.Id, [vote, vote with { Shard = s_there }]));
        machine.ApplyEntry(new CloseCommand(
            HlcTimestamp.FromPhysicalMs(BeginMs + RegisterTable.OutcomeWindowMs + 1), [prepare.Id], default, 0));
        if (!vote.Ok || machine.Registers.Find(prepare.Id) is not null)
        {
            return "the vote was not forgotten, so nothing was shown";
        }

        return machine.ApplyEntry(prepare).Vote is { Ok: true } ? "a transaction that has committed is prepared again" : null;
    }

    /// <summary>Who takes what another has added has an earlier stamp: a snapshot between the two would see less than nothing.
    /// </summary>
    public static string? TakerAfterGiver()
    {
        var machine = new ShardMachine(s_here);
        Commit(machine, 1, Change(machine, 1, 10, s_header[0], 0));
        Commit(machine, 2, Change(machine, 2, 30, 2, 50));
        return Change(machine, 3, 20, 3, -50) is { Ok: true } ? "what was added is taken before" : null;
    }

    /// <summary>Two take from a quota at once, which has enough for one of them.</summary>
    public static string? QuotaSpentTwice()
    {
        var machine = new ShardMachine(s_here);
        Commit(machine, 1, Change(machine, 1, 10, s_header[0], 50));
        Vote first = Change(machine, 2, 20, 2, -40);
        return !first.Ok || machine.FreeAt(s_header) != 10 ? "what is there cannot be taken, so nothing was shown"
            : Change(machine, 3, 30, 3, -40) is { Ok: true } ? "what is reserved is reserved again"
            : null;
    }

    private static Vote Change(ShardMachine machine, ulong number, long ms, byte key, int amount) =>
        machine.ApplyEntry(new PrepareCommand(
            new TxnId(1, number, 1), HlcTimestamp.FromPhysicalMs(BeginMs + ms), HlcTimestamp.Zero, [s_here, s_there],
            new TransactionShare { Writes = { new KeyWrite([key], [1], new QuotaChange(s_header, amount)) } })).Vote!;

    private static void Commit(ShardMachine machine, ulong number, Vote vote) =>
        machine.ApplyEntry(new OutcomeCommand(new TxnId(1, number, 1), [vote, vote with { Shard = s_there }]));
}
