using System;
using System.Collections.Generic;
using System.Linq;

namespace ShardSql.Simulation.Checking;

/// <summary>
/// Checks a list-append history as Elle does (studies/reliability.md §3): the lists that were read give the order of
/// versions, from which all dependencies follow; a cycle of them, or a read that no order explains, is an anomaly. Lost
/// acknowledgements are looked for in the lists at the end.
/// </summary>
public sealed class HistoryChecker
{
    private readonly IReadOnlyList<HistoryOperation> _history;
    private readonly IReadOnlyDictionary<int, IReadOnlyList<int>>? _final;
    private readonly Dictionary<(int Key, int Element), int> _writer = [];
    private readonly SortedDictionary<int, List<int>> _lists = [];
    private readonly List<Anomaly> _anomalies = [];
    private readonly DependencyGraph _graph;

    private HistoryChecker(IReadOnlyList<HistoryOperation> history, IReadOnlyDictionary<int, IReadOnlyList<int>>? final)
    {
        _history = history;
        _final = final;
        _graph = new DependencyGraph(history.Count);
    }

    /// <summary>Checks.</summary>
    /// <param name="history">All transactions.</param>
    /// <param name="final">All lists when everything was over, if they were read.</param>
    public static HistoryReport Check(
        IReadOnlyList<HistoryOperation> history, IReadOnlyDictionary<int, IReadOnlyList<int>>? final = null)
    {
        var checker = new HistoryChecker(history, final);
        checker.IndexWriters();
        checker.OrderLists();
        checker.CheckReads();
        checker.CheckLists();
        checker.CheckAcknowledged();
        checker.AddItemEdges();
        SessionOrder.AddTo(checker._graph, history);
        if (CycleFinder.Find(checker._graph, history) is { } cycle)
        {
            checker._anomalies.Add(cycle);
        }

        return new HistoryReport(checker._anomalies, checker.ObservedPercent());
    }

    private void Report(string kind, FormattableString explanation) =>
        _anomalies.Add(new Anomaly(kind, FormattableString.Invariant(explanation)));

    private void IndexWriters()
    {
        for (int i = 0; i < _history.Count; i++)
        {
            foreach (MicroOperation step in _history[i].Steps)
            {
                if (step.Append is { } element && !_writer.TryAdd((step.Key, element), i))
                {
                    throw new ArgumentException($"Element {element} is appended to list {step.Key} twice.");
                }
            }
        }
    }

    private IEnumerable<(int Transaction, int Step, MicroOperation Read)> OkReads()
    {
        for (int i = 0; i < _history.Count; i++)
        {
            for (int step = 0; _history[i].Outcome == HistoryOutcome.Ok && step < _history[i].Steps.Count; step++)
            {
                if (_history[i].Steps[step].Append is null)
                {
                    yield return (i, step, _history[i].Steps[step]);
                }
            }
        }
    }

    private void OrderLists()
    {
        foreach ((_, _, MicroOperation read) in OkReads())
        {
            if (!_lists.TryGetValue(read.Key, out List<int>? longest) || read.Read.Count > longest.Count)
            {
                _lists[read.Key] = [.. read.Read];
            }
        }

        foreach ((int key, IReadOnlyList<int> list) in _final ?? new Dictionary<int, IReadOnlyList<int>>())
        {
            if (!_lists.TryGetValue(key, out List<int>? longest) || IsPrefix(longest, list))
            {
                _lists[key] = [.. list];
            }
            else if (!IsPrefix(list, longest))
            {
                Report("incompatible-order", $"list {key} ends as [{string.Join(' ', list)}], read as [{string.Join(' ', longest)}]");
            }
        }
    }

    private void CheckReads()
    {
        foreach ((int transaction, int step, MicroOperation read) in OkReads())
        {
            if (!IsPrefix(read.Read, _lists[read.Key]))
            {
                Report("incompatible-order", $"T{transaction} {read}, others read [{string.Join(' ', _lists[read.Key])}]");
            }

            if (read.Read.Distinct().Count() != read.Read.Count)
            {
                Report("duplicate-elements", $"T{transaction} {read}");
            }

            CheckWriters(transaction, step, read);
            CheckInternal(transaction, step, read);
        }
    }

    private void CheckWriters(int transaction, int step, MicroOperation read)
    {
        foreach (int element in read.Read)
        {
            if (!_writer.TryGetValue((read.Key, element), out int writer))
            {
                Report("garbage-read", $"T{transaction} {read}: nobody wrote {element}");
            }
            else if (_history[writer].Outcome == HistoryOutcome.Fail)
            {
                Report("G1a", $"T{transaction} {read}: T{writer} failed");
            }
            else if (writer == transaction && _history[writer].Steps.Skip(step).Any(own => own.Append == element && own.Key == read.Key))
            {
                Report("future-read", $"T{transaction} {read} before it appends {element}");
            }
        }

        if (read.Read is [.., int last] && _writer.TryGetValue((read.Key, last), out int lastWriter) && lastWriter != transaction
            && _history[lastWriter].Steps.Last(own => own.Key == read.Key && own.Append is not null).Append != last)
        {
            Report("G1b", $"T{transaction} {read}: T{lastWriter} appended more");
        }
    }

    // What a transaction reads follows from what it read and appended before.
    private void CheckInternal(int transaction, int step, MicroOperation read)
    {
        var appended = new List<int>();
        IReadOnlyList<int>? base_ = null;
        for (int i = 0; i < step; i++)
        {
            MicroOperation earlier = _history[transaction].Steps[i];
            if (earlier.Key != read.Key)
            {
                continue;
            }

            if (earlier.Append is { } element)
            {
                appended.Add(element);
            }
            else
            {
                base_ = earlier.Read;
                appended.Clear();
            }
        }

        bool holds = base_ is null
            ? read.Read.Skip(read.Read.Count - appended.Count).SequenceEqual(appended)
            : read.Read.SequenceEqual(base_.Concat(appended));
        if (!holds)
        {
            Report("internal", $"T{transaction} {read} after its own steps");
        }
    }

    private void CheckLists()
    {
        foreach ((int key, List<int> list) in _lists)
        {
            bool failed = false;
            foreach (int element in list)
            {
                HistoryOutcome outcome = _writer.TryGetValue((key, element), out int writer)
                    ? _history[writer].Outcome : HistoryOutcome.Info;
                if (failed && outcome == HistoryOutcome.Ok)
                {
                    Report("dirty-update", $"list {key}: T{writer} appended {element} to a failed transaction's element");
                    break;
                }

                failed |= outcome == HistoryOutcome.Fail;
            }
        }

        var updates = new SortedDictionary<(int Key, int Length), int>();
        foreach ((int transaction, int step, MicroOperation read) in OkReads())
        {
            HistoryOperation operation = _history[transaction];
            bool isFirst = !operation.Steps.Take(step).Any(earlier => earlier.Key == read.Key);
            if (isFirst && operation.Steps.Any(own => own.Key == read.Key && own.Append is not null)
                && !updates.TryAdd((read.Key, read.Read.Count), transaction))
            {
                int other = updates[(read.Key, read.Read.Count)];
                Report("lost-update", $"T{other} and T{transaction} both append to what both read: {read}");
            }
        }
    }

    private void CheckAcknowledged()
    {
        if (_final is null)
        {
            return;
        }

        foreach (((int key, int element), int writer) in _writer.OrderBy(entry => entry.Key))
        {
            bool isThere = _final.TryGetValue(key, out IReadOnlyList<int>? list) && list.Contains(element);
            if (!isThere && _history[writer].Outcome == HistoryOutcome.Ok)
            {
                Report("lost-ack", $"T{writer} was acknowledged, and {element} is not in list {key}");
            }
            else if (isThere && _history[writer].Outcome == HistoryOutcome.Fail)
            {
                Report("failed-append", $"T{writer} failed, and {element} is in list {key}");
            }
        }
    }

    private void AddItemEdges()
    {
        foreach ((int key, List<int> list) in _lists)
        {
            for (int i = 0; i + 1 < list.Count; i++)
            {
                AddEdge(WriterOf(key, list[i]), WriterOf(key, list[i + 1]), Dependency.WriteWrite);
            }
        }

        foreach ((int transaction, _, MicroOperation read) in OkReads())
        {
            int seen = read.Read.Count;
            while (seen > 0 && WriterOf(read.Key, read.Read[seen - 1]) == transaction)
            {
                seen--;
            }

            if (seen > 0)
            {
                AddEdge(WriterOf(read.Key, read.Read[seen - 1]), transaction, Dependency.WriteRead);
            }

            List<int> list = _lists[read.Key];
            if (seen < list.Count && IsPrefix(read.Read, list))
            {
                AddEdge(transaction, WriterOf(read.Key, list[seen]), Dependency.ReadWrite);
            }
        }

        AddUnobserved();
    }

    // An append that committed and that nobody has read lies behind the longest list.
    private void AddUnobserved()
    {
        foreach (((int key, int element), int writer) in _writer)
        {
            bool mayBeLost = _final is not null || _history[writer].Outcome == HistoryOutcome.Fail;
            if (mayBeLost || (_lists.TryGetValue(key, out List<int>? list) && list.Contains(element)))
            {
                continue;
            }

            if (list is [.., int last])
            {
                AddEdge(WriterOf(key, last), writer, Dependency.WriteWrite);
            }

            foreach ((int transaction, _, MicroOperation read) in OkReads())
            {
                if (read.Key == key && read.Read.Count == (list?.Count ?? 0))
                {
                    AddEdge(transaction, writer, Dependency.ReadWrite);
                }
            }
        }
    }

    private int WriterOf(int key, int element) => _writer.GetValueOrDefault((key, element), -1);

    private void AddEdge(int from, int to, Dependency why)
    {
        if (from >= 0 && to >= 0 && _history[from].Outcome != HistoryOutcome.Fail && _history[to].Outcome != HistoryOutcome.Fail)
        {
            _graph.Add(from, to, why);
        }
    }

    private int ObservedPercent()
    {
        int all = 0;
        int observed = 0;
        foreach (((int key, int element), int writer) in _writer)
        {
            if (_history[writer].Outcome == HistoryOutcome.Ok)
            {
                all++;
                observed += _lists.TryGetValue(key, out List<int>? list) && list.Contains(element) ? 1 : 0;
            }
        }

        return all == 0 ? 100 : observed * 100 / all;
    }

    private static bool IsPrefix(IReadOnlyList<int> shorter, IReadOnlyList<int> longer) =>
        shorter.Count <= longer.Count && shorter.SequenceEqual(longer.Take(shorter.Count));
}
