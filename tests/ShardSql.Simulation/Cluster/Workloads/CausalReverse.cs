using System.Collections.Generic;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;

namespace ShardSql.Simulation.Cluster.Workloads;

/// <summary>Blind inserts on all shards, and reads of all of them: who sees an insert sees what its client had inserted
/// before. Of inserts of different clients nothing is promised; how often they are seen in reverse is counted.</summary>
internal sealed class CausalReverse(int groups) : IWorkload
{
    private const uint Table = 10;

    private readonly SortedDictionary<int, ProgramEnd> _inserted = [];
    private readonly List<SortedSet<int>> _reads = [];
    private int _begun;

    public IEnumerable<KeyValuePair<RowId, string>> InitialRows() => [];

    public SimulatedProgram Next(Prng prng) => prng.Chance(250_000) ? new ReadAll(this) : new Insert(this, prng);

    public IEnumerable<string> Check(IReadOnlyDictionary<RowId, string> final, Tally reached)
    {
        foreach (SortedSet<int> read in _reads)
        {
            foreach ((int missing, ProgramEnd earlier) in _inserted.Where(entry => !read.Contains(entry.Key)))
            {
                List<int> later = [.. read.Where(seen =>
                    _inserted.TryGetValue(seen, out ProgramEnd end) && end.BegunUs >= earlier.EndedUs)];
                if (later.Exists(seen => _inserted[seen].Process == earlier.Process))
                {
                    yield return $"causal reverse: insert {missing} is not seen with a later one of its client";
                }
                else if (later.Count > 0)
                {
                    reached.Add("inserts of two clients seen in reverse");
                }
            }
        }
    }

    private sealed class Insert(CausalReverse rows, Prng prng) : SimulatedProgram("causal reverse")
    {
        private readonly RowId _row = new(Table, prng.Next(rows.Groups), ++rows._begun);

        public override IEnumerable<IReadOnlyList<ReadPart>> Steps(TransactionContext context)
        {
            context.Put(_row, "1");
            yield break;
        }

        public override void Ended(ProgramEnd end, TransactionContext context)
        {
            if (end.IsOk)
            {
                rows._inserted.Add(_row.Item, end);
            }
        }
    }

    private sealed class ReadAll(CausalReverse rows) : SimulatedProgram("causal reverse read")
    {
        public override IEnumerable<IReadOnlyList<ReadPart>> Steps(TransactionContext context)
        {
            yield return context.ScanAll(Table);
        }

        public override void Ended(ProgramEnd end, TransactionContext context)
        {
            if (end.IsOk)
            {
                rows._reads.Add([.. context.Scanned.Select(row => row.Key.Item)]);
            }
        }
    }

    private int Groups => groups;
}
