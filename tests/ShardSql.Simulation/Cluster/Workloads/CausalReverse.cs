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

    private readonly Dictionary<int, ProgramEnd> _inserted = [];
    private readonly List<SortedSet<int>> _reads = [];
    private int _begun;

    public IEnumerable<KeyValuePair<RowId, string>> InitialRows() => [];

    public ClientProgram Next(Prng prng) => prng.Chance(250_000) ? new ReadAll(this) : new Insert(this, prng);

    public IEnumerable<string> Check(IReadOnlyDictionary<RowId, string> final, Tally reached)
    {
        foreach (SortedSet<int> read in _reads)
        {
            // When the last insert that was seen began, of each client and of all.
            var last = new Dictionary<int, long>();
            long lastOfAll = long.MinValue;
            foreach (int seen in read)
            {
                if (_inserted.TryGetValue(seen, out ProgramEnd end))
                {
                    last[end.Process] = long.Max(last.GetValueOrDefault(end.Process, long.MinValue), end.BegunUs);
                    lastOfAll = long.Max(lastOfAll, end.BegunUs);
                }
            }

            foreach ((int insert, ProgramEnd earlier) in _inserted)
            {
                if (lastOfAll < earlier.EndedUs || read.Contains(insert))
                {
                    continue;
                }

                if (last.GetValueOrDefault(earlier.Process, long.MinValue) >= earlier.EndedUs)
                {
                    yield return $"causal reverse: insert {insert} is not seen with a later one of its client";
                }
                else
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
