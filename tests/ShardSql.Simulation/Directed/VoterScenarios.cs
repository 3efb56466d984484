using ShardSql.Consensus;

namespace ShardSql.Simulation.Directed;

/// <summary>Voters are changed: single paths, each with the rule that it needs.</summary>
internal static class VoterScenarios
{
    /// <summary>
    /// The first learns that it is the only voter from the third slot on. The second slot belongs to all three, and the
    /// other two have chosen a value there of which it knows nothing.
    /// </summary>
    public static string? OfAnOpenSlot()
    {
        var group = new PaxosGroup(3, pipeline: 2);
        group.Pass(1_000);
        group.Campaign(2);
        group.Deliver((_, _, kind) => kind is PaxosMessageKind.Prepare or PaxosMessageKind.Promise);
        group.Reconfigure(2, 1);
        group.Deliver((from, to, _) => from is 1 or 2 && to is 1 or 2 && group[2].Commit.Value == 0);
        group.Drop((from, to, _) => (from, to) is (2, 1) or (1, 2));
        group.Pass(100);
        group.Tick(2);
        group.Deliver((from, to, _) => (from, to) is (2, 1));
        group.Drop((from, to, _) => (from, to) is (1, 2));
        group.Deliver((from, to, _) => from is 2 or 3 && to is 2 or 3);
        group.Drop((_, _, _) => true);
        if (group[1].Commit.Value != 1 || group[2].Commit.Value != 2)
        {
            return "the first does not learn of one slot and the second of two, so nothing was shown";
        }

        group.Pass(1_000);
        group.Campaign(1);
        group.Deliver((_, _, _) => false);
        if (group[1].CanPropose)
        {
            group.Propose(1, 7);
        }

        group.Deliver((from, to, _) => from is 1 or 3 && to is 1 or 3);
        return group[1].Commit.Value >= 2 ? group.Violation : "the first does not lead, so nothing was shown";
    }

    /// <summary>
    /// The first two choose values, and then that the first votes no more. Its node gives the replica up and makes it again,
    /// while the third, which has heard of nothing, asks it for a promise as one of the founders.
    /// </summary>
    public static string? OfAFormerVoter()
    {
        var group = new PaxosGroup(3, pipeline: 2);
        group.Pass(1_000);
        group.Campaign(2);
        group.Deliver((from, to, _) => from is 1 or 2 && to is 1 or 2);
        group.Propose(2, 7);
        group.Reconfigure(2, 2, 3);
        group.Deliver((from, to, _) => from is 1 or 2 && to is 1 or 2);
        group.Drop((_, _, _) => true);
        if (group[2].Commit.Value < 2 || group[3].LogLast.Value > 0)
        {
            return "the values are not chosen, or the third knows of them, so nothing was shown";
        }

        group.MakeAgain(1);
        group.Pass(2_000);
        group.Campaign(3);
        group.Deliver((from, to, _) => from is 1 or 3 && to is 1 or 3);
        if (group[3].CanPropose)
        {
            group.Propose(3, 9);
            group.Deliver((from, to, _) => from is 1 or 3 && to is 1 or 3);
        }

        return group.Violation;
    }
}
