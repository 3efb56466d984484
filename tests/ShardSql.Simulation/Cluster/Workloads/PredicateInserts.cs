using System;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;

namespace ShardSql.Simulation.Cluster.Workloads;

/// <summary>Two tables; whoever finds nothing of a number in either inserts into one of them (Adya's G2): at most one of
/// them all may.</summary>
internal sealed class PredicateInserts : IWorkload
{
    private const uint First = 4;
    private const uint Second = 5;
    private const int RivalsPerNumber = 3;

    private readonly SortedDictionary<int, int> _inserted = [];
    private int _begun;

    public IEnumerable<KeyValuePair<RowId, string>> InitialRows() => [];

    public ClientProgram Next(Prng prng) =>
        new Insert(this, _begun / RivalsPerNumber, ++_begun, prng.Chance(500_000));

    public IEnumerable<string> Check(IReadOnlyDictionary<RowId, string> final, Tally reached)
    {
        foreach ((int number, int count) in _inserted.Where(entry => entry.Value > 1))
        {
            yield return $"predicate G2: {count} inserts of {number} were acknowledged";
        }

        // The second table's group lies on the next shard.
        var found = final.Keys.Where(row => row.Table is First or Second)
            .GroupBy(row => row.Table == First ? row.Group : row.Group - 1).Where(group => group.Count() > 1);
        foreach (IGrouping<int, RowId> group in found)
        {
            yield return $"predicate G2: {string.Join(", ", group)} are all there";
        }
    }

    private sealed class Insert(PredicateInserts inserts, int number, int item, bool second)
        : SimulatedProgram("predicate G2")
    {
        private bool _inserts;

        public override IEnumerable<IReadOnlyList<ReadPart>> Steps(TransactionContext context)
        {
            yield return [.. context.Scan(First, number), .. context.Scan(Second, number + 1)];
            _inserts = context.Scanned.Count == 0;
            if (_inserts)
            {
                context.Put(second ? new RowId(Second, number + 1, item) : new RowId(First, number, item), "x");
            }
        }

        public override void Ended(ProgramEnd end, TransactionContext context)
        {
            if (end.IsOk && _inserts)
            {
                inserts._inserted[number] = inserts._inserted.GetValueOrDefault(number) + 1;
            }
        }
    }
}
