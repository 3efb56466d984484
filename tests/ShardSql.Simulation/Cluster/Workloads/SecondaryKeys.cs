using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;

namespace ShardSql.Simulation.Cluster.Workloads;

/// <summary>Rows with a second key, kept in a table of its own on whatever shard the key falls: rows are found by either
/// key and changed, both ways in one transaction, and read by ranges of both. The two always agree.</summary>
internal sealed class SecondaryKeys(int groups) : IWorkload
{
    private const uint Primary = 11;
    private const uint Secondary = 12;
    private const int RowsPerGroup = 2;
    private const int Keys = 8;
    private const int Span = 256;

    private readonly List<string> _wrong = [];

    public IEnumerable<KeyValuePair<RowId, string>> InitialRows()
    {
        for (int row = 0; row < Count; row++)
        {
            yield return new(PrimaryOf(row), Text(row % Keys));
            yield return new(SecondaryOf(row % Keys, row), Text(row));
        }
    }

    public ClientProgram Next(Prng prng) => prng.Next(4) switch
    {
        0 => new ReadAll(this),
        1 => new ChangeBySecondary(this, prng),
        _ => new ChangeByPrimary(this, prng),
    };

    public IEnumerable<string> Check(IReadOnlyDictionary<RowId, string> final, Tally reached)
    {
        CheckAll("the end", final.Where(row => row.Key.Table is Primary or Secondary));
        return _wrong;
    }

    private int Count => groups * RowsPerGroup;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static RowId PrimaryOf(int row) => new(Primary, row / RowsPerGroup, row);

    private RowId SecondaryOf(int key, int row) => new(Secondary, key % groups, (key * Span) + row);

    private void Move(TransactionContext context, int row, int from, int to)
    {
        context.Put(PrimaryOf(row), Text(to));
        context.Put(SecondaryOf(from, row), null);
        context.Put(SecondaryOf(to, row), Text(row));
    }

    private void CheckAll(string where, IEnumerable<KeyValuePair<RowId, string>> rows)
    {
        List<KeyValuePair<RowId, string>> all = [.. rows];
        SortedSet<(int Row, int Key)> primary =
            [.. all.Where(row => row.Key.Table == Primary).Select(row => (row.Key.Item, Number(row.Value)))];
        SortedSet<(int Row, int Key)> secondary =
            [.. all.Where(row => row.Key.Table == Secondary).Select(row => (Number(row.Value), row.Key.Item / Span))];
        if (!primary.SetEquals(secondary) || primary.Count != Count)
        {
            _wrong.Add($"secondary keys: at {where} rows {string.Join(' ', primary)} have keys {string.Join(' ', secondary)}");
        }
    }

    private sealed class ChangeByPrimary(SecondaryKeys rows, Prng prng) : SimulatedProgram("secondary key")
    {
        private readonly int _row = prng.Next(rows.Count);
        private readonly int _to = prng.Next(Keys);

        public override IEnumerable<IReadOnlyList<ReadPart>> Steps(TransactionContext context)
        {
            yield return context.Get(PrimaryOf(_row));
            int from = context.NumberIn(PrimaryOf(_row));
            if (from != _to)
            {
                rows.Move(context, _row, from, _to);
            }
        }
    }

    private sealed class ChangeBySecondary(SecondaryKeys rows, Prng prng) : SimulatedProgram("by secondary key")
    {
        private readonly int _key = prng.Next(Keys);
        private readonly int _to = prng.Next(Keys);
        private (int Row, int Found)? _seen;

        public override IEnumerable<IReadOnlyList<ReadPart>> Steps(TransactionContext context)
        {
            _seen = null;
            yield return context.Scan(Secondary, _key % rows.Groups);
            List<int> found = [.. context.Scanned.Where(row => row.Key.Item / Span == _key)
                .Select(row => Number(row.Value))];
            if (found.Count > 0)
            {
                yield return context.Get(PrimaryOf(found[0]));
                _seen = (found[0], context.NumberIn(PrimaryOf(found[0])));
                if (_to != _key && _seen.Value.Found == _key)
                {
                    rows.Move(context, found[0], _key, _to);
                }
            }
        }

        public override void Ended(ProgramEnd end, TransactionContext context)
        {
            if (end.IsOk && _seen is { } seen && seen.Found != _key)
            {
                rows._wrong.Add($"secondary keys: row {seen.Row} has key {seen.Found} and was found by {_key}");
            }
        }
    }

    private sealed class ReadAll(SecondaryKeys rows) : SimulatedProgram("secondary key read")
    {
        private readonly List<KeyValuePair<RowId, string>> _all = [];

        public override IEnumerable<IReadOnlyList<ReadPart>> Steps(TransactionContext context)
        {
            _all.Clear();
            yield return context.ScanAll(Primary);
            _all.AddRange(context.Scanned);
            yield return context.ScanAll(Secondary);
            _all.AddRange(context.Scanned);
        }

        public override void Ended(ProgramEnd end, TransactionContext context)
        {
            if (end.IsOk)
            {
                rows.CheckAll($"{end.EndedUs} µs", _all);
            }
        }
    }

    private int Groups => groups;
}
