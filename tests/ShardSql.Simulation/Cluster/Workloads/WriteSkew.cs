using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;

namespace ShardSql.Simulation.Cluster.Workloads;

/// <summary>Pairs, within a shard and over two, of which one may be taken from while both together hold something: their
/// sum never falls below nothing (G2-item).</summary>
internal sealed class WriteSkew(int groups) : IWorkload
{
    private const uint Table = 3;

    private readonly List<string> _wrong = [];

    public IEnumerable<KeyValuePair<RowId, string>> InitialRows() => Enumerable.Range(0, groups * 4)
        .Select(i => new KeyValuePair<RowId, string>(new RowId(Table, i / 4, i % 4), "1"));

    public ClientProgram Next(Prng prng) => new Take(this, prng);

    public IEnumerable<string> Check(IReadOnlyDictionary<RowId, string> final, Tally reached) => _wrong;

    private (RowId Left, RowId Right) PairOf(int group, bool spread) => spread
        ? (new RowId(Table, group, 2), new RowId(Table, (group + 1) % groups, 3))
        : (new RowId(Table, group, 0), new RowId(Table, group, 1));

    private sealed class Take(WriteSkew pairs, Prng prng) : SimulatedProgram("write skew")
    {
        private readonly (RowId Left, RowId Right) _pair =
            pairs.PairOf(prng.Next(pairs.Groups), prng.Chance(500_000));
        private readonly bool _left = prng.Chance(500_000);

        public override IEnumerable<IReadOnlyList<ReadPart>> Steps(TransactionContext context)
        {
            yield return context.Get(_pair.Left, _pair.Right);
            RowId taken = _left ? _pair.Left : _pair.Right;
            int change = Sum(context) > 0 ? -1 : 1;
            context.Put(taken, (context.NumberIn(taken) + change).ToString(CultureInfo.InvariantCulture));
        }

        public override void Ended(ProgramEnd end, TransactionContext context)
        {
            if (end.IsOk && context.Seen.Count == 2 && Sum(context) < 0)
            {
                pairs._wrong.Add($"write skew: {_pair} hold {Sum(context)} together");
            }
        }

        private int Sum(TransactionContext context) => context.NumberIn(_pair.Left) + context.NumberIn(_pair.Right);
    }

    private int Groups => groups;
}
