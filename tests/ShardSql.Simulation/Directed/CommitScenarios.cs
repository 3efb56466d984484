using ShardSql.Primitives;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Directed;

/// <summary>Single paths through the shard machine, each with the rule that it needs.</summary>
internal static class CommitScenarios
{
    private const long BeginMs = 1_000_000;

    private static readonly ShardId s_here = new(1);
    private static readonly ShardId s_there = new(2);

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
}
