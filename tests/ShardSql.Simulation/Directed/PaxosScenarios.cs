using System;

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
        group.Deliver((from, to, kind) => from != 2 && kind is >= PaxosMessageKind.Relearn);
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

    /// <summary>
    /// Of five, the first leads twice. What the second accepted in the first time is told only in the second time, when it
    /// says nothing about a majority any more: another value stands at the third, under a ballot in between.
    /// </summary>
    public static string? LateAcknowledgement()
    {
        var group = new PaxosGroup(5);
        Lead(group, 1, 2, 5);
        group.Propose(1, 1);
        group.Deliver((from, to, _) => (from, to) is (1, 2));
        group.Drop((from, _, _) => from == 1);
        group.Pass(1_000);
        Lead(group, 3, 4, 5);
        group.Propose(3, 2);
        group.Drop((from, _, _) => from == 3);
        group.Pass(1_000);
        group.Campaign(1);
        group.Deliver((from, to, kind) => from is 1 or 4 && to is 1 or 4
            && kind is PaxosMessageKind.Prepare or PaxosMessageKind.Promise);
        group.Deliver((from, to, _) => from is 1 or 5 && to is 1 or 5);
        group.Deliver((from, to, _) => (from, to) is (2, 1));
        group.Drop((_, _, _) => true);
        group.Pass(1_000);
        Lead(group, 2, 3, 4);
        return group[2].Role == PaxosRole.Leader ? group.Violation : "nobody leads, so nothing was shown";
    }

    /// <summary>A follower that has acknowledged a lease starts again, and is asked at once to elect another leader.
    /// </summary>
    public static string? LeaseOverRestart()
    {
        var group = new PaxosGroup(3);
        Lead(group, 1, 2);
        group.Pass(100);
        group.Tick(1);
        group.Deliver((from, to, _) => from is 1 or 2 && to is 1 or 2);
        if (!group[1].HasLease)
        {
            return "nobody has a lease, so nothing was shown";
        }

        group.Restart(2);
        Lead(group, 3, 2);
        return group[1].HasLease && group[3].Role == PaxosRole.Leader ? "another leads while n1 has a lease" : null;
    }

    /// <summary>A follower's acknowledgement is long on its way; by then the follower may elect another leader.</summary>
    public static string? LateLease()
    {
        var group = new PaxosGroup(3);
        Lead(group, 1, 2);
        group.Pass(500);
        group.Tick(1);
        group.Deliver((from, to, _) => (from, to) is (1, 2));
        group.Pass(450);
        group.Deliver((from, to, _) => (from, to) is (2, 1));
        group.Pass(100);
        Lead(group, 3, 2);
        if (group[3].Role != PaxosRole.Leader)
        {
            return "nobody else leads, so nothing was shown";
        }

        return group[1].HasLease ? "n1 has a lease, and another leads" : group.Violation;
    }

    /// <summary>A snapshot comes that is older than what was handed out.</summary>
    public static string? OlderSnapshot()
    {
        var group = new PaxosGroup(3);
        Lead(group, 1, 2);
        for (byte value = 1; value <= 3; value++)
        {
            group.Propose(1, value);
            group.Deliver((from, to, _) => from is 1 or 2 && to is 1 or 2);
        }

        group.Pass(100);
        group.Tick(1);
        group.Deliver((from, to, _) => from is 1 or 2 && to is 1 or 2);
        if (group[2].Commit.Value != 3)
        {
            return "the follower has not learned, so nothing was shown";
        }

        group.InstallSnapshot(2, 1);
        return group.Violation;
    }

    /// <summary>A leader is heard by all and hears nobody: it must not hold off those who could elect another.</summary>
    public static string? DeafLeader()
    {
        var group = new PaxosGroup(3);
        Lead(group, 1, 2, 3);
        group.Run(6_000, (_, to) => to != 1);
        return group[2].Role == PaxosRole.Leader || group[3].Role == PaxosRole.Leader
            ? group.Violation : "n1 hears nobody, and nobody else leads";
    }

    /// <summary>One that was cut off comes back, and does not disturb who leads meanwhile.</summary>
    public static string? Return()
    {
        var group = new PaxosGroup(3);
        Lead(group, 1, 2, 3);
        group.Run(6_000, (from, to) => from != 3 && to != 3);
        group.Run(2_000, (_, _) => true);
        return group[1].Role == PaxosRole.Leader && group[1].ElectionsWon == 1
            ? group.Violation : "n3 came back, and n1 had to be elected again";
    }

    /// <summary>Of five, two have lost their votes: neither can be trusted again before the other is, and the three who
    /// remember lead on.</summary>
    public static string? TwoAmnesiacs()
    {
        var group = new PaxosGroup(5);
        Lead(group, 1, 2, 3, 4, 5);
        group.RestartWithoutLog(4);
        group.RestartWithoutLog(5);
        group.Run(6_000, (_, _) => true);
        if (!group[4].IsRelearning || !group[5].IsRelearning)
        {
            return "one that has lost its votes votes, and another has not answered it";
        }

        return group[1].Role == PaxosRole.Leader && group[1].ElectionsWon == 1
            ? group.Violation : "n4 and n5 have lost their votes, and n1 had to be elected again";
    }

    /// <summary>A follower is told to campaign while it honours the lease of its leader.</summary>
    public static string? CampaignUnderLease()
    {
        var group = new PaxosGroup(3);
        Lead(group, 1, 2);
        group.Pass(100);
        group.Tick(1);
        group.Deliver((from, to, _) => from is 1 or 2 && to is 1 or 2);
        if (!group[1].HasLease)
        {
            return "nobody has a lease, so nothing was shown";
        }

        Lead(group, 2, 3);
        return group[1].HasLease && group[2].Role == PaxosRole.Leader ? "another leads while n1 has a lease" : null;
    }

    private static void Lead(PaxosGroup group, uint leader, params uint[] followers)
    {
        group.Campaign(leader);
        group.Deliver((from, to, _) =>
            (from == leader && Array.IndexOf(followers, to) >= 0) || (to == leader && Array.IndexOf(followers, from) >= 0));
    }
}
