using ShardSql.Consensus;

namespace ShardSql.Simulation.Directed;

/// <summary>Single paths through consensus, each with the rule that it needs.</summary>
internal static class PaxosScenarios
{
    /// <summary>
    /// Of five, the first promises the second's ballot and then loses its log. Were it to vote again before the second has
    /// answered it, a value could be chosen that the second, with that promise, knows nothing of.
    /// </summary>
    public static string? PromiseBeforeAmnesia()
    {
        var group = new PaxosGroup(5);
        for (int i = 0; i < 3; i++)
        {
            group.Campaign(2);
        }

        group.Deliver((from, to, _) => (from, to) is (2, 1) or (1, 2));
        group.RestartWithoutLog(1);
        group.Tick(1);
        group.Drop((from, to, _) => (from, to) is (1, 2));
        group.Deliver((from, to, kind) => from != 2 && kind is PaxosMessageKind.Relearn or PaxosMessageKind.Testimony);
        group.Pass(1_000);
        group.Campaign(3);
        group.Deliver((from, to, _) => from is 1 or 3 or 4 && to is 1 or 3 or 4);
        if (group[3].Role == PaxosRole.Leader)
        {
            group.Propose(3, 1);
            group.Deliver((from, to, _) => from is 1 or 3 or 4 && to is 1 or 3 or 4);
        }

        group.Deliver((from, to, _) => (from, to) is (2, 5) or (5, 2));
        if (group[2].Role == PaxosRole.Leader)
        {
            group.Propose(2, 2);
            group.Deliver((from, to, _) => from == 2 || to == 2);
        }

        return group.Violation;
    }
}
