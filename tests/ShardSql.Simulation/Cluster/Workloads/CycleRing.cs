using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;

namespace ShardSql.Simulation.Cluster.Workloads;

/// <summary>A ring of rows, each naming the next; transactions turn three of them round. It stays one ring.</summary>
internal sealed class CycleRing(int groups) : IWorkload
{
    private const uint Table = 8;
    private const int RowsPerGroup = 2;

    private readonly List<string> _wrong = [];

    public IEnumerable<KeyValuePair<RowId, string>> InitialRows() => Enumerable.Range(0, Length)
        .Select(i => new KeyValuePair<RowId, string>(RowOf(i), Text((i + 1) % Length)));

    public ClientProgram Next(Prng prng) => prng.Chance(300_000) ? new ReadAll(this) : new Turn(this, prng);

    public IEnumerable<string> Check(IReadOnlyDictionary<RowId, string> final, Tally reached)
    {
        CheckRing("the end", final.Where(row => row.Key.Table == Table).ToDictionary());
        return _wrong;
    }

    private int Length => groups * RowsPerGroup;

    private static RowId RowOf(int place) => new(Table, place / RowsPerGroup, place % RowsPerGroup);

    private static string Text(int place) => place.ToString(CultureInfo.InvariantCulture);

    private static int Next(TransactionContext context, int place) => context.NumberIn(RowOf(place));

    private void CheckRing(string where, Dictionary<RowId, string> rows)
    {
        int at = 0;
        int steps = 0;
        do
        {
            at = rows.TryGetValue(RowOf(at), out string? next) ? int.Parse(next, CultureInfo.InvariantCulture) : -1;
            steps++;
        }
        while (at > 0 && steps <= Length);
        if (at != 0 || steps != Length || rows.Count != Length)
        {
            IEnumerable<KeyValuePair<RowId, string>> all =
                rows.OrderBy(row => row.Key.ToString(), StringComparer.Ordinal);
            _wrong.Add($"cycle ring: at {where} {string.Join(' ', all)}");
        }
    }

    private sealed class Turn(CycleRing ring, Prng prng) : SimulatedProgram("cycle ring")
    {
        private readonly int _first = prng.Next(ring.Length);

        public override IEnumerable<IReadOnlyList<ReadPart>> Steps(TransactionContext context)
        {
            yield return context.Get(RowOf(_first));
            int second = Next(context, _first);
            yield return context.Get(RowOf(second));
            int third = Next(context, second);
            yield return context.Get(RowOf(third));
            int fourth = Next(context, third);
            context.Put(RowOf(_first), Text(third));
            context.Put(RowOf(third), Text(second));
            context.Put(RowOf(second), Text(fourth));
        }
    }

    private sealed class ReadAll(CycleRing ring) : SimulatedProgram("cycle ring read")
    {
        public override IEnumerable<IReadOnlyList<ReadPart>> Steps(TransactionContext context)
        {
            yield return context.ScanAll(Table);
        }

        public override void Ended(ProgramEnd end, TransactionContext context)
        {
            if (end.IsOk)
            {
                ring.CheckRing(FormattableString.Invariant($"{end.EndedUs} µs"), context.Scanned.ToDictionary());
            }
        }
    }
}
