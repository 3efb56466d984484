using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>
/// What committed transactions read and wrote, and whether there is a serial order of them. Each key counts up by one
/// with every write, so the value that was read says whose write it was; inserted keys are seen or not seen by whoever
/// read their range.
/// </summary>
internal sealed class History : IDisposable
{
    private readonly ConcurrentQueue<Transaction> _committed = new();
    private readonly ConcurrentQueue<Transaction> _unknown = new();
    private readonly SemaphoreSlim _progress = new(0);

    /// <summary>Transactions that are known to be committed.</summary>
    public int Committed => _committed.Count;

    public void Commit(Transaction transaction)
    {
        _committed.Enqueue(transaction);
        _progress.Release();
    }

    /// <summary>Waits until so many transactions are committed. One waits at a time.</summary>
    public async Task CommittedAsync(int count, CancellationToken cancellationToken)
    {
        while (Committed < count)
        {
            await _progress.WaitAsync(cancellationToken);
        }
    }

    public void Dispose() => _progress.Dispose();

    public void MayHaveCommitted(Transaction transaction) => _unknown.Enqueue(transaction);

    /// <summary>Fails with the cycle when no serial order explains what was read.</summary>
    public void AssertSerializable(IReadOnlyDictionary<int, long> finalValues, IReadOnlySet<int> finalInserts)
    {
        Transaction[] all =
            [.. _committed, .. _unknown.Where(transaction => HasHappened(transaction, finalValues, finalInserts))];
        var writers = new Dictionary<(int Key, long Value), int>();
        var inserters = new Dictionary<int, int>();
        for (int i = 0; i < all.Length; i++)
        {
            foreach ((int key, long value) in all[i].Writes)
            {
                bool isFirst = writers.TryAdd((key, value), i);
                Assert.True(isFirst, $"two transactions wrote {value} to {key}: an update is lost");
            }

            foreach (int key in all[i].Inserts)
            {
                Assert.True(inserters.TryAdd(key, i), $"two transactions inserted {key}");
                Assert.Contains(key, finalInserts);
            }
        }

        foreach ((int key, long last) in finalValues)
        {
            Assert.Equal(last, writers.Keys.Count(written => written.Key == key));
        }

        AssertNoCycle(EdgesOf(all, writers, inserters));
    }

    // A transaction of unknown outcome has happened when what it alone inserted is there.
    private static bool HasHappened(
        Transaction transaction, IReadOnlyDictionary<int, long> finalValues, IReadOnlySet<int> finalInserts) =>
        transaction.Inserts.Count > 0
        && transaction.Inserts.All(finalInserts.Contains)
        && transaction.Writes.All(write => finalValues[write.Key] >= write.Value);

    private static List<int>[] EdgesOf(
        Transaction[] all, Dictionary<(int Key, long Value), int> writers, Dictionary<int, int> inserters)
    {
        var edges = new List<int>[all.Length];
        for (int i = 0; i < all.Length; i++)
        {
            edges[i] = [];
        }

        for (int i = 0; i < all.Length; i++)
        {
            foreach ((int key, long value) in all[i].Reads)
            {
                if (value > 0)
                {
                    bool isWritten = writers.TryGetValue((key, value), out int writer);
                    Assert.True(isWritten, $"{value} of {key} was read and never committed");
                    Add(writer, i);
                }

                if (writers.TryGetValue((key, value + 1), out int next))
                {
                    Add(i, next);
                }
            }

            foreach ((int from, int to, HashSet<int> seen) in all[i].Ranges)
            {
                Assert.All(seen, key => Assert.True(inserters.ContainsKey(key), $"{key} was seen and never committed"));
                foreach ((int key, int inserter) in inserters.Where(insert => insert.Key >= from && insert.Key < to))
                {
                    (int before, int after) = seen.Contains(key) ? (inserter, i) : (i, inserter);
                    Add(before, after);
                }
            }
        }

        foreach (((int key, long value), int writer) in writers)
        {
            if (writers.TryGetValue((key, value + 1), out int next))
            {
                Add(writer, next);
            }
        }

        return edges;

        void Add(int before, int after)
        {
            if (before != after)
            {
                edges[before].Add(after);
            }
        }
    }

    private static void AssertNoCycle(List<int>[] edges)
    {
        int[] incoming = new int[edges.Length];
        foreach (int to in edges.SelectMany(list => list))
        {
            incoming[to]++;
        }

        var free = new Queue<int>(Enumerable.Range(0, edges.Length).Where(i => incoming[i] == 0));
        int ordered = 0;
        while (free.TryDequeue(out int next))
        {
            ordered++;
            foreach (int to in edges[next])
            {
                if (--incoming[to] == 0)
                {
                    free.Enqueue(to);
                }
            }
        }

        Assert.True(ordered == edges.Length,
            $"{edges.Length - ordered} of {edges.Length} transactions are on or behind a cycle");
    }

    /// <summary>One transaction: what it read before it wrote, and what it wrote.</summary>
    internal sealed class Transaction
    {
        public Dictionary<int, long> Reads { get; } = [];

        public Dictionary<int, long> Writes { get; } = [];

        public List<(int From, int To, HashSet<int> Seen)> Ranges { get; } = [];

        public List<int> Inserts { get; } = [];
    }
}
