using System;
using System.Collections.Generic;

namespace ShardSql.Simulation.Checking;

/// <summary>Why one transaction comes before another.</summary>
[Flags]
internal enum Dependency
{
    None = 0,
    WriteWrite = 1,
    WriteRead = 2,
    ReadWrite = 4,
    Process = 8,
    Realtime = 16,
}

/// <summary>Transactions by number, with the reasons for each edge. Walks are iterative: histories are long.</summary>
internal sealed class DependencyGraph(int count)
{
    private readonly SortedDictionary<int, Dependency>?[] _edges = new SortedDictionary<int, Dependency>?[count];

    public int Count => count;

    public void Add(int from, int to, Dependency why)
    {
        if (from != to)
        {
            SortedDictionary<int, Dependency> edges = _edges[from] ??= [];
            edges[to] = edges.GetValueOrDefault(to) | why;
        }
    }

    public IEnumerable<(int To, Dependency Why)> From(int node, Dependency kinds)
    {
        if (_edges[node] is { } edges)
        {
            foreach ((int to, Dependency why) in edges)
            {
                if ((why & kinds) != 0)
                {
                    yield return (to, why & kinds);
                }
            }
        }
    }

    /// <summary>For each transaction the number of its strongly connected component (Tarjan).</summary>
    public int[] Components(Dependency kinds, out bool anyCycle)
    {
        int[] component = new int[count];
        int[] index = new int[count];
        int[] low = new int[count];
        Array.Fill(component, -1);
        Array.Fill(index, -1);
        var path = new Stack<int>();
        var work = new Stack<(int Node, IEnumerator<(int To, Dependency Why)> Edges)>();
        int next = 0;
        int components = 0;
        anyCycle = false;
        for (int root = 0; root < count; root++)
        {
            if (index[root] >= 0)
            {
                continue;
            }

            Enter(root);
            while (work.TryPeek(out (int Node, IEnumerator<(int To, Dependency Why)> Edges) top))
            {
                if (top.Edges.MoveNext())
                {
                    int to = top.Edges.Current.To;
                    if (index[to] < 0)
                    {
                        Enter(to);
                    }
                    else if (component[to] < 0)
                    {
                        low[top.Node] = int.Min(low[top.Node], index[to]);
                    }

                    continue;
                }

                work.Pop();
                if (work.TryPeek(out (int Node, IEnumerator<(int To, Dependency Why)> Edges) parent))
                {
                    low[parent.Node] = int.Min(low[parent.Node], low[top.Node]);
                }

                if (low[top.Node] == index[top.Node])
                {
                    anyCycle |= path.Peek() != top.Node;
                    int member;
                    do
                    {
                        member = path.Pop();
                        component[member] = components;
                    }
                    while (member != top.Node);
                    components++;
                }
            }
        }

        return component;

        void Enter(int node)
        {
            index[node] = next;
            low[node] = next++;
            path.Push(node);
            work.Push((node, From(node, kinds).GetEnumerator()));
        }
    }

    /// <summary>The shortest path between two transactions, both included, or null.</summary>
    public List<int>? Path(int from, int to, Dependency kinds)
    {
        var before = new Dictionary<int, int> { [from] = -1 };
        var queue = new Queue<int>([from]);
        while (queue.TryDequeue(out int node))
        {
            if (node == to)
            {
                return Unwind(node, at => before[at]);
            }

            foreach ((int next, _) in From(node, kinds))
            {
                if (before.TryAdd(next, node))
                {
                    queue.Enqueue(next);
                }
            }
        }

        return null;
    }

    /// <summary>A path that neither begins nor ends with a read-write edge and has no two of them in a row.</summary>
    public List<int>? PathOfLoneReadWrites(int from, int to, Dependency others)
    {
        (int Node, bool AfterReadWrite) start = (from, true);
        var before = new Dictionary<(int Node, bool AfterReadWrite), (int Node, bool AfterReadWrite)> { [start] = (-1, false) };
        var queue = new Queue<(int Node, bool AfterReadWrite)>([start]);
        while (queue.TryDequeue(out (int Node, bool AfterReadWrite) at))
        {
            if (at == (to, false))
            {
                var path = new List<int>();
                for ((int Node, bool AfterReadWrite) step = at; step.Node >= 0; step = before[step])
                {
                    path.Add(step.Node);
                }

                path.Reverse();
                return path;
            }

            foreach ((int next, Dependency why) in From(at.Node, others | Dependency.ReadWrite))
            {
                if ((why & others) != 0 && before.TryAdd((next, false), at))
                {
                    queue.Enqueue((next, false));
                }

                if ((why & Dependency.ReadWrite) != 0 && !at.AfterReadWrite && before.TryAdd((next, true), at))
                {
                    queue.Enqueue((next, true));
                }
            }
        }

        return null;
    }

    private static List<int> Unwind(int node, Func<int, int> before)
    {
        var path = new List<int>();
        for (int at = node; at >= 0; at = before(at))
        {
            path.Add(at);
        }

        path.Reverse();
        return path;
    }
}
