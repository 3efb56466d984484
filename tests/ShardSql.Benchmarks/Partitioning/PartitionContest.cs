using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Planning.Partitioning;

namespace ShardSql.Benchmarks.Partitioning;

/// <summary>
/// The rounds of both sides on one graph and number of parts; every cut is counted here, none is believed.
/// </summary>
internal sealed class PartitionContest(PartitionGraph graph, int parts, int balancePerMille)
{
    private readonly List<(Figures Ours, Figures Theirs)> _rounds = [];

    public int Parts => parts;

    /// <summary>Cut edge weight, as a share of all: mean over rounds.</summary>
    public (double Ours, double Theirs) CutShares => Mean(figures => figures.Cut / (double)graph.TotalEdgeWeight);

    /// <summary>Milliseconds: mean over rounds.</summary>
    public (double Ours, double Theirs) Times => Mean(figures => figures.Milliseconds);

    /// <summary>Heaviest part, as a multiple of its share: worst round.</summary>
    public (double Ours, double Theirs) Imbalances =>
        (_rounds.Max(round => round.Ours.Imbalance), _rounds.Max(round => round.Theirs.Imbalance));

    public void Add(PartitionResult ours, double ourMs, int[] theirs, double theirMs)
    {
        int[] assignment = [.. ours.Assignment];
        Figures mine = FiguresOf(assignment, ourMs);
        if (mine.Cut != ours.Cut || mine.Imbalance * 1000 > balancePerMille + 1e-9)
        {
            throw new BenchmarkException(
                $"A partition into {parts} parts has a cut of {mine.Cut}, an imbalance of {mine.Imbalance}.");
        }

        _rounds.Add((mine, FiguresOf(theirs, theirMs)));
    }

    private Figures FiguresOf(int[] assignment, double milliseconds) => new(
        graph.Cut(assignment),
        graph.PartWeights(assignment, parts).Max() * (double)parts / graph.TotalVertexWeight,
        milliseconds);

    private (double Ours, double Theirs) Mean(Func<Figures, double> figure) =>
        (_rounds.Average(round => figure(round.Ours)), _rounds.Average(round => figure(round.Theirs)));

    private readonly record struct Figures(long Cut, double Imbalance, double Milliseconds);
}
