using System;

using ShardSql.Primitives;

namespace ShardSql.Simulation.Explorer;

/// <summary>What a client was told.</summary>
internal enum CommitAnswer : byte
{
    None,
    Committed,
    Aborted,
}

/// <summary>
/// A state of both shards, the votes sent so far, and what clients were told. PREPARE and QUERY are on their way from the
/// beginning and may never arrive, so a gateway that dies before it sends them needs no mark.
/// </summary>
internal sealed class CommitState
{
    public required int[] Machines { get; init; }

    /// <summary>Commands that each leader has proposed and that are not applied.</summary>
    public required int[][] InFlight { get; init; }

    /// <summary>By transaction and shard: the vote that was sent; -1 for none.</summary>
    public required int[] Votes { get; init; }

    public required CommitAnswer[] Answers { get; init; }

    public int LeaderChanges { get; set; }

    public int Depth { get; init; }

    public static CommitState Begin(CommitSpace space)
    {
        int pairs = space.Transactions.Count * CommitSpace.Shards;
        int[] votes = new int[pairs];
        Array.Fill(votes, -1);
        return new CommitState
        {
            Machines = space.Initial,
            InFlight = [[], []],
            Votes = votes,
            Answers = new CommitAnswer[space.Transactions.Count],
        };
    }

    public static int Pair(int transaction, int shard) => (transaction * CommitSpace.Shards) + shard;

    public CommitState Copy() => new()
    {
        Machines = [.. Machines],
        InFlight = [.. InFlight],
        Votes = [.. Votes],
        Answers = [.. Answers],
        LeaderChanges = LeaderChanges,
        Depth = Depth + 1,
    };

    public UInt128 Hash()
    {
        ulong low = 1;
        ulong high = 2;
        void Mix(int value)
        {
            low = Hash64.Combine(low, (ulong)value);
            high = Hash64.Combine(high, ~(ulong)value);
        }

        for (int shard = 0; shard < CommitSpace.Shards; shard++)
        {
            Mix(Machines[shard]);
            Array.ForEach(InFlight[shard], Mix);
            Mix(-2);
        }

        Array.ForEach(Votes, Mix);
        Array.ForEach(Answers, answer => Mix((int)answer));
        Mix(LeaderChanges);
        return new UInt128(high, low);
    }
}
