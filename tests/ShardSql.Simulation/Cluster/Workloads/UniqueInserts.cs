using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Simulation.Checking;
using ShardSql.Simulation.Cluster.Gateways;

namespace ShardSql.Simulation.Cluster.Workloads;

/// <summary>Rows that are inserted where there is none: in the end those acknowledged are there, those refused are not.
/// </summary>
internal sealed class UniqueInserts(int groups) : IWorkload
{
    private const uint Table = 6;

    private readonly SortedDictionary<int, (RowId Row, HistoryOutcome Outcome)> _ended = [];
    private int _begun;

    public IEnumerable<KeyValuePair<RowId, string>> InitialRows() => [];

    public ClientProgram Next(Prng prng) => new Insert(this, new RowId(Table, prng.Next(groups), ++_begun));

    public IEnumerable<string> Check(IReadOnlyDictionary<RowId, string> final, Tally reached)
    {
        foreach ((RowId row, HistoryOutcome outcome) in _ended.Values)
        {
            bool isThere = final.ContainsKey(row);
            if (outcome == HistoryOutcome.Ok && !isThere)
            {
                yield return $"unique inserts: lost {row}, which was acknowledged";
            }
            else if (outcome == HistoryOutcome.Fail && isThere)
            {
                yield return $"unique inserts: {row} is there, which was refused";
            }
        }
    }

    private sealed class Insert(UniqueInserts inserts, RowId row) : SimulatedProgram("unique inserts")
    {
        public override IEnumerable<IReadOnlyList<ReadPart>> Steps(TransactionContext context)
        {
            yield return context.Get(row);
            if (context.Seen[row] is null)
            {
                context.Put(row, "1");
            }
        }

        public override void Ended(ProgramEnd end, TransactionContext context) =>
            inserts._ended[row.Item] = (row, end.Outcome);
    }
}
