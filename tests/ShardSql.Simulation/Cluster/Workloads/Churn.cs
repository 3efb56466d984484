using System.Collections.Generic;
using System.Globalization;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;

namespace ShardSql.Simulation.Cluster.Workloads;

/// <summary>Rows that come and go, written blindly or after a scan, with scans that must see all of them or none: what
/// holds of them is for the serial order to say.</summary>
internal sealed class Churn(int groups) : IWorkload
{
    private const uint Table = 9;
    private const int ItemsPerGroup = 6;

    private int _values;

    public IEnumerable<KeyValuePair<RowId, string>> InitialRows() => [];

    public ClientProgram Next(Prng prng) => new Change(this, prng);

    public IEnumerable<string> Check(IReadOnlyDictionary<RowId, string> final, Tally reached) => [];

    private sealed class Change : SimulatedProgram
    {
        private readonly List<int> _scans = [];
        private readonly List<(RowId Row, string? Text)> _puts = [];

        public Change(Churn rows, Prng prng)
            : base("churn")
        {
            for (int i = prng.Next(3); i > 0; i--)
            {
                _scans.Add(prng.Next(rows.Groups));
            }

            for (int i = prng.Next(4); i > 0; i--)
            {
                string text = (++rows._values).ToString(CultureInfo.InvariantCulture);
                var row = new RowId(Table, prng.Next(rows.Groups), prng.Next(ItemsPerGroup));
                _puts.Add((row, prng.Chance(400_000) ? null : text));
            }
        }

        public override IEnumerable<IReadOnlyList<ReadPart>> Steps(TransactionContext context)
        {
            foreach (int group in _scans)
            {
                yield return context.Scan(Table, group);
            }

            foreach ((RowId row, string? text) in _puts)
            {
                context.Put(row, text);
            }
        }
    }

    private int Groups => groups;
}
