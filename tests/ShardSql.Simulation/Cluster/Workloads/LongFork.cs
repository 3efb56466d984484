using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;

namespace ShardSql.Simulation.Cluster.Workloads;

/// <summary>Counters on all shards that only rise, and reads of all of them: no two reads may see two counters rise in
/// different orders.</summary>
internal sealed class LongFork(int groups) : IWorkload
{
    private const uint Table = 7;

    private readonly List<int[]> _reads = [];

    public IEnumerable<KeyValuePair<RowId, string>> InitialRows() =>
        Rows().Select(row => new KeyValuePair<RowId, string>(row, "0"));

    public ClientProgram Next(Prng prng) => prng.Chance(500_000) ? new ReadAll(this) : new Raise(this, prng);

    public IEnumerable<string> Check(IReadOnlyDictionary<RowId, string> final, Tally reached)
    {
        List<int[]> ordered = [.. _reads.OrderBy(read => read.Sum())];
        for (int i = 1; i < ordered.Count; i++)
        {
            if (ordered[i].Zip(ordered[i - 1]).Any(pair => pair.First < pair.Second))
            {
                yield return $"long fork: [{string.Join(' ', ordered[i - 1])}] and [{string.Join(' ', ordered[i])}]";
            }
        }
    }

    private IEnumerable<RowId> Rows() => Enumerable.Range(0, groups).Select(group => new RowId(Table, group, 0));

    private sealed class Raise(LongFork counters, Prng prng) : SimulatedProgram("long fork")
    {
        private readonly RowId _row = new(Table, prng.Next(counters.Groups), 0);

        public override IEnumerable<IReadOnlyList<ReadPart>> Steps(TransactionContext context)
        {
            yield return context.Get(_row);
            int number = context.NumberIn(_row);
            context.Put(_row, (number + 1).ToString(CultureInfo.InvariantCulture));
        }
    }

    private sealed class ReadAll(LongFork counters) : SimulatedProgram("long fork read")
    {
        public override IEnumerable<IReadOnlyList<ReadPart>> Steps(TransactionContext context)
        {
            yield return context.Get([.. counters.Rows()]);
        }

        public override void Ended(ProgramEnd end, TransactionContext context)
        {
            if (end.IsOk)
            {
                counters._reads.Add(
                    [.. counters.Rows().Select(row => context.NumberIn(row))]);
            }
        }
    }

    private int Groups => groups;
}
