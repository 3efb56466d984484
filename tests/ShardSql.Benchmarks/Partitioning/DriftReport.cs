using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using ShardSql.Planning.Partitioning;
using ShardSql.Primitives;

namespace ShardSql.Benchmarks.Partitioning;

/// <summary>
/// A fifth of the hidden communities is re-wired under a good partition: what an incremental plan cuts and moves,
/// against a new partition, at several budgets of moves; and a start from hashed rows.
/// </summary>
internal static class DriftReport
{
    private const int Vertices = 30_000;
    private const int CommunitySize = 50;
    private const int NoisePercent = 5;
    private const int EdgesOfAVertex = 5;
    private const int RewiredEvery = 5;
    private const ulong Seed = 5;

    private static readonly int[] s_budgetPercents = [10, 25, 100];

    public static string Make(MetisProgram metis, IEnumerable<int> partCounts, int balancePerMille)
    {
        var text = new StringBuilder(
            "A plan after a fifth of the communities of 50 was re-wired, and from hashed rows; ratios are to the cut\n"
            + "of a new partition, by ourselves and by gpmetis.\n\n"
            + "| from | parts | moves allowed | moved | cut before | after | to ours from nothing | to gpmetis |\n"
            + "|---|---|---|---|---|---|---|---|\n");
        foreach (int parts in partCounts)
        {
            var random = new Prng(Seed);
            int[] communityOf = [.. Enumerable.Range(0, Vertices).Select(vertex => vertex / CommunitySize)];
            var options = new PartitionOptions { Parts = parts, BalancePerMille = balancePerMille };
            int[] current = [.. Partitioner.Partition(Graph(communityOf, random), options).Assignment];
            PartitionGraph drifted = Graph(Rewire(communityOf, random), random);
            metis.Write(drifted);
            long theirs = drifted.Cut(metis.Run(parts, balancePerMille, 1).Assignment);
            (long Ours, long Theirs) fresh = (Partitioner.Partition(drifted, options).Cut, theirs);
            int[] hashed =
            [
                .. Enumerable.Range(0, Vertices).Select(i => (int)(Hash64.Combine(Seed, (ulong)i) % (ulong)parts)),
            ];
            foreach (int percent in s_budgetPercents)
            {
                Append(text, "drift", drifted, current, options, percent, fresh);
            }

            Append(text, "hash", drifted, hashed, options, s_budgetPercents[^1], fresh);
        }

        return text.ToString();
    }

    private static void Append(
        StringBuilder text,
        string from,
        PartitionGraph graph,
        int[] current,
        PartitionOptions options,
        int percent,
        (long Ours, long Theirs) fresh)
    {
        MovePlan plan = Repartitioner.Plan(
            graph, current, new RepartitionOptions { Partition = options, MovesMax = Vertices / 100 * percent });
        text.Append(
            CultureInfo.InvariantCulture,
            $"| {from} | {options.Parts} | {percent} % | {plan.Moves.Count * 100.0 / Vertices:0.0} % "
            + $"| {plan.Before.Cut} | {plan.After.Cut} "
            + $"| {plan.After.Cut / (double)fresh.Ours:0.00} | {plan.After.Cut / (double)fresh.Theirs:0.00} |\n");
    }

    private static PartitionGraph Graph(int[] communityOf, Prng random)
    {
        int[][] members =
        [
            .. Enumerable.Range(0, Vertices)
                .GroupBy(vertex => communityOf[vertex])
                .OrderBy(community => community.Key)
                .Select(community => community.ToArray()),
        ];
        var graph = new PartitionGraphBuilder();
        for (int vertex = 0; vertex < Vertices; vertex++)
        {
            graph.AddVertex(1);
        }

        for (int i = 0; i < Vertices * EdgesOfAVertex; i++)
        {
            int first = random.Next(Vertices);
            int[] own = members[communityOf[first]];
            int second = random.Next(100) < NoisePercent ? random.Next(Vertices) : own[random.Next(own.Length)];
            graph.AddEdge(first, second, 1);
        }

        return graph.Build();
    }

    /// <summary>The members of each fifth community are dealt out among these communities anew.</summary>
    private static int[] Rewire(int[] communityOf, Prng random)
    {
        int[] members = [.. Enumerable.Range(0, Vertices).Where(vertex => communityOf[vertex] % RewiredEvery == 0)];
        int[] drawn = [.. members.OrderBy(_ => random.NextUInt64())];
        int[] rewired = [.. communityOf];
        for (int i = 0; i < members.Length; i++)
        {
            rewired[members[i]] = communityOf[drawn[i]];
        }

        return rewired;
    }
}
