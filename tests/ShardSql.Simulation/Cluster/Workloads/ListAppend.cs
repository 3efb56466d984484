using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Simulation.Checking;
using ShardSql.Simulation.Cluster.Gateways;

namespace ShardSql.Simulation.Cluster.Workloads;

/// <summary>Lists that transactions read and append to, over several shards; the history goes to the history checker.
/// </summary>
internal sealed class ListAppend(int groups) : IWorkload
{
    private const uint Table = 1;
    private const int ListsPerGroup = 3;
    private const int StepsMax = 4;

    private readonly List<HistoryOperation> _history = [];
    private int _elements;

    public IEnumerable<KeyValuePair<RowId, string>> InitialRows() =>
        Keys().Select(row => new KeyValuePair<RowId, string>(row, ""));

    public ClientProgram Next(Prng prng) =>
        prng.Chance(300_000) ? new Evaluated(this, prng) : new ReadAppend(this, prng);

    public IEnumerable<string> Check(IReadOnlyDictionary<RowId, string> final, Tally reached)
    {
        Dictionary<int, IReadOnlyList<int>> lists = Keys().ToDictionary(
            KeyOf, row => (IReadOnlyList<int>)ListOf(final.GetValueOrDefault(row)));
        HistoryReport report = HistoryChecker.Check(_history, lists);

        // A session sees what it has written, but by others' writes it may come before its own last transaction: π says
        // where it stands, and that may be below its snapshot.
        reached.Add("histories not in session order", report.IsSessionSerializable ? 0 : 1);
        reached.Add("histories not in real time", report.IsStrict ? 0 : 1);
        return report.IsSerializable ? [] : report.Anomalies.Select(found => $"{found.Kind}: {found.Explanation}");
    }

    private static int KeyOf(RowId row) => (row.Group * ListsPerGroup) + row.Item;

    private static int[] ListOf(string? text) => text is null or "" ? []
        : [.. text.Split(' ', System.StringSplitOptions.RemoveEmptyEntries)
            .Select(element => int.Parse(element, CultureInfo.InvariantCulture))];

    private static string More(int element) => string.Create(CultureInfo.InvariantCulture, $" {element}");

    private IEnumerable<RowId> Keys() => Enumerable.Range(0, groups * ListsPerGroup)
        .Select(i => new RowId(Table, i / ListsPerGroup, i % ListsPerGroup));

    private RowId Any(Prng prng) => new(Table, prng.Next(groups), prng.Next(ListsPerGroup));

    private void Record(ProgramEnd end, List<MicroOperation> steps) => _history.Add(new HistoryOperation
    {
        Process = end.Process, InvokedAt = end.BegunUs, CompletedAt = end.EndedUs, Outcome = end.Outcome, Steps = steps,
    });

    /// <summary>Reads, and appends by reading and writing.</summary>
    private sealed class ReadAppend : SimulatedProgram
    {
        private readonly ListAppend _lists;
        private readonly List<(RowId Row, int? Element)> _plan = [];
        private List<MicroOperation> _done = [];

        public ReadAppend(ListAppend lists, Prng prng)
            : base("list-append")
        {
            _lists = lists;
            int count = prng.Next(1, StepsMax + 1);
            for (int i = 0; i < count; i++)
            {
                _plan.Add((lists.Any(prng), prng.Chance(500_000) ? ++lists._elements : null));
            }
        }

        public override IEnumerable<IReadOnlyList<ReadPart>> Steps(TransactionContext context)
        {
            _done = [];
            foreach ((RowId row, int? element) in _plan)
            {
                yield return context.Get(row);
                if (element is { } appended)
                {
                    context.Put(row, context.Seen[row] + More(appended));
                    _done.Add(MicroOperation.OfAppend(KeyOf(row), appended));
                }
                else
                {
                    _done.Add(MicroOperation.OfRead(KeyOf(row), ListOf(context.Seen[row])));
                }
            }
        }

        // What was not reached of the plan was not done, and must not be found either.
        public override void Ended(ProgramEnd end, TransactionContext context)
        {
            List<MicroOperation> steps = end.IsOk ? _done
                : [.. _plan.Where(step => step.Element is not null)
                    .Select(step => MicroOperation.OfAppend(KeyOf(step.Row), step.Element!.Value))];
            if (steps.Count > 0)
            {
                _lists.Record(end, steps);
            }
        }
    }

    /// <summary>Appends by a statement that the leader evaluates.</summary>
    private sealed class Evaluated : SimulatedProgram
    {
        private readonly ListAppend _lists;
        private readonly RowId _row;
        private readonly int _element;

        public Evaluated(ListAppend lists, Prng prng)
            : base("append-evaluated")
        {
            _lists = lists;
            _row = lists.Any(prng);
            _element = ++lists._elements;
        }

        public override IEnumerable<IReadOnlyList<ReadPart>> Steps(TransactionContext context)
        {
            context.Append = (_row, More(_element));
            yield break;
        }

        public override void Ended(ProgramEnd end, TransactionContext context)
        {
            List<MicroOperation> steps = [MicroOperation.OfAppend(KeyOf(_row), _element)];
            if (end.IsOk && context.Seen.TryGetValue(_row, out string? text))
            {
                steps.Add(MicroOperation.OfRead(KeyOf(_row), ListOf(text)));
            }

            _lists.Record(end, steps);
        }
    }
}
