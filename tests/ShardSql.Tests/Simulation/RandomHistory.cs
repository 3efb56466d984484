using System.Collections.Generic;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Simulation.Checking;

namespace ShardSql.Tests.Simulation;

/// <summary>Small histories of a store that is serial, keeps snapshots only, or keeps nothing at all, as the seed says.</summary>
internal sealed class RandomHistory
{
    private readonly Prng _random;
    private readonly SortedDictionary<int, List<int>> _lists = [];
    private readonly bool _dirty;
    private readonly bool _snapshots;
    private int _element;

    private RandomHistory(Prng random)
    {
        _random = random;
        _dirty = random.Chance(250_000);
        _snapshots = random.Chance(600_000);
    }

    public static (List<HistoryOperation> History, Dictionary<int, IReadOnlyList<int>> Final) Run(Prng random) =>
        new RandomHistory(random).Run();

    private (List<HistoryOperation> History, Dictionary<int, IReadOnlyList<int>> Final) Run()
    {
        int count = _random.Next(2, 6);
        List<Open> open = [.. Enumerable.Range(0, count).Select(i => new Open(i, _random.Next(1, 4)))];
        var history = new List<HistoryOperation>();
        bool serial = _random.Chance(200_000);
        for (long now = 0; open.Count > 0; now++)
        {
            Open one = open[serial ? 0 : _random.Next(open.Count)];
            if (one.Snapshot is null)
            {
                one.Snapshot = Copy();
                one.InvokedAt = now;
            }

            if (one.Steps.Count < one.Length)
            {
                Step(one);
                continue;
            }

            open.Remove(one);
            history.Add(End(one, now));
        }

        return (history, _lists.ToDictionary(list => list.Key, list => (IReadOnlyList<int>)list.Value));
    }

    private void Step(Open one)
    {
        int key = _random.Next(1, 4);
        if (_random.Chance(500_000))
        {
            one.Steps.Add(MicroOperation.OfAppend(key, ++_element));
            if (_dirty)
            {
                List(_lists, key).Add(_element);
            }

            return;
        }

        List<int> seen = [.. List(_snapshots ? one.Snapshot! : _lists, key)];
        if (!_dirty || _snapshots)
        {
            seen.AddRange(one.Steps.Where(step => step.Key == key && step.Append is not null).Select(step => step.Append!.Value));
        }

        one.Steps.Add(MicroOperation.OfRead(key, [.. seen]));
    }

    private HistoryOperation End(Open one, long now)
    {
        int dice = _random.Next(10);
        HistoryOutcome outcome = dice switch { 0 => HistoryOutcome.Fail, 1 => HistoryOutcome.Info, _ => HistoryOutcome.Ok };
        bool applies = outcome == HistoryOutcome.Ok || (outcome == HistoryOutcome.Info && _random.Chance(500_000));
        if (!_dirty && applies)
        {
            foreach (MicroOperation step in one.Steps.Where(step => step.Append is not null))
            {
                List(_lists, step.Key).Add(step.Append!.Value);
            }
        }

        return new HistoryOperation
        {
            Process = one.Process,
            InvokedAt = one.InvokedAt,
            CompletedAt = now,
            Outcome = outcome,
            Steps = one.Steps,
        };
    }

    private static List<int> List(SortedDictionary<int, List<int>> lists, int key)
    {
        if (!lists.TryGetValue(key, out List<int>? list))
        {
            lists[key] = list = [];
        }

        return list;
    }

    private SortedDictionary<int, List<int>> Copy()
    {
        var copy = new SortedDictionary<int, List<int>>();
        foreach ((int key, List<int> list) in _lists)
        {
            copy.Add(key, [.. list]);
        }

        return copy;
    }

    private sealed class Open(int process, int length)
    {
        public int Process { get; } = process;

        public int Length { get; } = length;

        public long InvokedAt { get; set; }

        public SortedDictionary<int, List<int>>? Snapshot { get; set; }

        public List<MicroOperation> Steps { get; } = [];
    }
}
