using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using ShardSql.Primitives;

namespace ShardSql.Planning.Partitioning;

/// <summary>
/// Transactions as hyperedges: the vertices that each touched, and how much it counts. Tells of a partition which share
/// of them would be cross-shard: what the cut only stands for.
/// </summary>
public sealed class TransactionSample
{
    private readonly List<int> _ends = [0];
    private readonly List<int> _vertices = [];
    private readonly List<long> _weights = [];

    /// <summary>Number of transactions.</summary>
    public int Count => _weights.Count;

    /// <summary>Sum of their weights.</summary>
    public long TotalWeight { get; private set; }

    /// <summary>Adds a transaction.</summary>
    public void Add(ReadOnlySpan<int> vertices, long weight)
    {
        Invariant.Check(
            weight >= 0 && vertices.Length > 0, "A transaction touches something and weighs nothing or more.");
        _vertices.AddRange(vertices);
        _ends.Add(_vertices.Count);
        _weights.Add(weight);
        TotalWeight = checked(TotalWeight + weight);
    }

    /// <summary>The vertices of a transaction.</summary>
    public ReadOnlySpan<int> VerticesOf(int transaction) =>
        CollectionsMarshal.AsSpan(_vertices)[_ends[transaction].._ends[transaction + 1]];

    /// <summary>How much a transaction counts.</summary>
    public long WeightOf(int transaction) => _weights[transaction];

    /// <summary>Weight of the transactions that touch more than one part.</summary>
    public long CrossWeight(IReadOnlyList<int> assignment)
    {
        long cross = 0;
        for (int transaction = 0; transaction < Count; transaction++)
        {
            ReadOnlySpan<int> vertices = VerticesOf(transaction);
            foreach (int vertex in vertices)
            {
                if (assignment[vertex] != assignment[vertices[0]])
                {
                    cross += _weights[transaction];
                    break;
                }
            }
        }

        return cross;
    }

    /// <summary>The same in millionths of all; 0 where there are none.</summary>
    public int CrossPerMillion(IReadOnlyList<int> assignment) =>
        TotalWeight == 0 ? 0 : (int)((Int128)CrossWeight(assignment) * 1_000_000 / TotalWeight);
}
