using ShardSql.Consensus;
using ShardSql.Primitives;

namespace ShardSql.Simulation.Directed;

/// <summary>Voters are changed: single paths, each with the rule that it needs.</summary>
internal static class VoterScenarios
{
    private const int RoundsMax = 100;

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

    /// <summary>The first, the third and the fourth vote alone from now on. The second, which leads, is the only one that knows so: it
    /// must lead on until they do.</summary>
    public static string? LeavesBeforeTheyKnow()
    {
        PaxosGroup group = OfWhichTheSecondVotesNoMore();
        if (group[2].Role != PaxosRole.Leader)
        {
            return "a leader without a vote has left, and those who vote do not know that they do";
        }

        group.Run(1_000, (_, _) => true);
        return group[2].Role == PaxosRole.Leader ? "a leader without a vote never leaves" : group.Violation;
    }

    /// <summary>As before; the second starts again, and has cut the slots that the others would ask it about, and the fourth is
    /// away. The others cannot lead without its promise, and it cannot give one: it leads itself, and they learn.</summary>
    public static string? NeededByThoseWhoVote()
    {
        PaxosGroup group = OfWhichTheSecondVotesNoMore();
        group.Restart(2);
        group[2].TruncateLog(group[2].Commit);
        for (int i = 0; i < RoundsMax && group[2].Role != PaxosRole.Leader; i++)
        {
            group.Run(100, (from, to) => from != 4 && to != 4);
        }

        return group[2].Role == PaxosRole.Leader ? group.Violation
            : "those who vote cannot lead, and who knows more than they does not";
    }

    private static PaxosGroup OfWhichTheSecondVotesNoMore()
    {
        var group = new PaxosGroup(4, pipeline: 2);
        group.Pass(1_000);
        group.Campaign(2);
        group.Deliver((_, _, _) => true);
        group.Reconfigure(2, 1, 3, 4);
        group.Deliver((_, _, _) => group[2].Membership.Latest.Contains(new NodeId(2)) || group[2].Commit.Next < group[2].Membership.Latest.From);
        group.Drop((_, _, _) => true);
        return group;
    }

    /// <summary>
    /// The second and the third vote alone from now on. The third knows it durably; the second, which leads, has just learned
    /// it, and its disk has not heard of that: with it gone nobody would know but the third, and with the third lost nobody.
    /// </summary>
    public static string? KnownBeforeItIsDurable()
    {
        var group = new PaxosGroup(3, pipeline: 2);
        group.Pass(1_000);
        group.Campaign(2);
        group.Deliver((_, _, _) => true);
        group.Reconfigure(2, 2, 3);
        group.Deliver((_, _, _) => true);
        while (group[2].Commit.Next < group[2].Membership.Latest.From)
        {
            group.Propose(2, 7);
            group.Deliver((_, _, _) => true);
        }

        group.Pass(100);
        group.Tick(2);
        group.Deliver((_, _, _) => true);
        if (group.Reconfigure(2, 2, 3) == Reconfiguration.Done)
        {
            return "a change is said to be done that the leader does not know durably";
        }

        group.Deliver((_, _, _) => true);
        return group.Reconfigure(2, 2, 3) == Reconfiguration.Done
            ? group.Violation : "a change is never said to be done";
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
