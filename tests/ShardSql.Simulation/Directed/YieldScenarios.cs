using ShardSql.Consensus;

namespace ShardSql.Simulation.Directed;

/// <summary>A leader hands over: single paths, each with the rule that it needs.</summary>
internal static class YieldScenarios
{
    /// <summary>The successor leads at once, so the one that handed over must not serve reads any more.</summary>
    public static string? EndsTheLease()
    {
        PaxosGroup group = LedByFirst();
        group.Yield(1, 3);
        group.Deliver((from, to, _) => (from, to) is (1, 3) || (from is 2 or 3 && to is 2 or 3));
        if (group[3].Role != PaxosRole.Leader)
        {
            return "the successor does not lead while the lease's time runs";
        }

        return group[1].HasLease ? "n1 has handed over and keeps its lease" : group.Violation;
    }

    /// <summary>A leader with a value on its way hands over once its successor has it.</summary>
    public static string? WaitsForTheLastValue()
    {
        PaxosGroup group = LedByFirst();
        group.Propose(1, 1);
        group.Yield(1, 3);
        group.Deliver((from, to, _) => from is 1 or 2 && to is 1 or 2);
        if (group[1].Role != PaxosRole.Leader || group[1].CanPropose)
        {
            return "n1 hands over to one that has not all that it proposed, or proposes on";
        }

        group.Deliver((_, _, _) => true);
        return group[3].Role == PaxosRole.Leader ? group.Violation : "the successor has everything and does not lead";
    }

    /// <summary>
    /// The successor's question is long on its way, and another has been elected meanwhile, whose lease was never handed
    /// over.
    /// </summary>
    public static string? OfAnEarlierBallot()
    {
        PaxosGroup group = LedByFirst();
        group.Yield(1, 3);
        group.Deliver((from, to, kind) => (from, to, kind) is (1, 3, PaxosMessageKind.Yield));
        group.Pass(1_000);
        group.Campaign(2);
        group.Deliver((from, to, _) => from is 1 or 2 && to is 1 or 2);
        group.Pass(100);
        group.Tick(2);
        group.Deliver((from, to, _) => from is 1 or 2 && to is 1 or 2);
        if (!group[2].HasLease)
        {
            return "nobody else has a lease, so nothing was shown";
        }

        group.Deliver((from, to, _) => from is 1 or 3 && to is 1 or 3);
        return group[3].Role == PaxosRole.Leader && group[2].HasLease ? "another leads while n2 has a lease" : group.Violation;
    }

    private static PaxosGroup LedByFirst()
    {
        var group = new PaxosGroup(3);
        group.Pass(1_000);
        group.Campaign(1);
        group.Deliver((_, _, _) => true);
        group.Propose(1, 9);
        group.Deliver((_, _, _) => true);
        return group;
    }
}
