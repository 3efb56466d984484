using System;
using ShardSql.Primitives;

namespace ShardSql.Planning.Partitioning;

/// <summary>
/// One level of coarsening: label propagation with a size limit (Meyerhenke, Sanders, Schulz). Each vertex in turn joins
/// the neighbouring cluster to which it has most edge weight for its size; clusters stay below a weight and inside the
/// blocks of a partition that is to be kept. Stops when there are few enough, so that refinement sees many levels.
/// </summary>
internal sealed class Clustering
{
    private const int RoundsMax = 3;

    /// <summary>A level keeps at least one cluster for this many tenths of a vertex.</summary>
    private const int ShrinkTenths = 22;

    /// <summary>With more clusters than this many of a hundred vertices, lonely vertices with a common neighbour pair up.
    /// </summary>
    private const int SlowPercent = 65;

    private readonly PartitionGraph _graph;
    private readonly int[]? _blocks;
    private readonly long _weightMax;
    private readonly Prng _random;
    private readonly int[] _cluster;
    private readonly long[] _weights;
    private readonly int[] _sizes;
    private readonly long[] _ratings;
    private readonly int[] _rated;
    private int _count;

    private Clustering(PartitionGraph graph, int[]? blocks, long weightMax, Prng random)
    {
        _graph = graph;
        _blocks = blocks;
        _weightMax = weightMax;
        _random = random;
        _count = graph.VertexCount;
        _cluster = new int[_count];
        _weights = new long[_count];
        _sizes = new int[_count];
        _ratings = new long[_count];
        _rated = new int[_count];
        for (int vertex = 0; vertex < _count; vertex++)
        {
            _cluster[vertex] = vertex;
            _weights[vertex] = graph.VertexWeights[vertex];
            _sizes[vertex] = 1;
        }
    }

    /// <summary>Clusters numbered from 0, and their count.</summary>
    public static (int[] Cluster, int Count) Find(PartitionGraph graph, int[]? blocks, long weightMax, Prng random)
    {
        var clustering = new Clustering(graph, blocks, weightMax, random);
        clustering.Propagate();
        if (clustering._count > graph.VertexCount / 100 * SlowPercent)
        {
            clustering.PairTheLonely();
        }

        return (clustering.Number(), clustering._count);
    }

    private void Propagate()
    {
        int enough = _graph.VertexCount * 10 / ShrinkTenths;
        int[] order = Shuffle.Numbers(_graph.VertexCount, _random);
        for (int round = 0; round < RoundsMax; round++)
        {
            int moved = 0;
            foreach (int vertex in order)
            {
                if (_count <= enough)
                {
                    return;
                }

                moved += Join(vertex, BestCluster(vertex)) ? 1 : 0;
            }

            if (moved * 20 < order.Length)
            {
                return;
            }
        }
    }

    private bool Join(int vertex, int target)
    {
        int own = _cluster[vertex];
        if (own == target)
        {
            return false;
        }

        int weight = _graph.VertexWeights[vertex];
        _weights[own] -= weight;
        _weights[target] += weight;
        _count -= --_sizes[own] == 0 ? 1 : 0;
        _count += _sizes[target]++ == 0 ? 1 : 0;
        _cluster[vertex] = target;
        return true;
    }

    /// <summary>The cluster with the best rating: edge weight to it, divided by its weight.</summary>
    private int BestCluster(int vertex)
    {
        int own = _cluster[vertex];
        long weight = _graph.VertexWeights[vertex];
        int rated = Rate(vertex);
        int best = own;
        long bestRating = _ratings[own];
        long bestWeight = Math.Max(1, _weights[own] - weight);
        for (int i = 0; i < rated; i++)
        {
            int cluster = _rated[i];
            long rating = _ratings[cluster];
            _ratings[cluster] = 0;
            if (cluster == own || _weights[cluster] + weight > _weightMax)
            {
                continue;
            }

            long clusterWeight = Math.Max(1, _weights[cluster]);
            long mine = rating * bestWeight;
            long other = bestRating * clusterWeight;
            if (mine > other || (mine == other && (_random.NextUInt64() & 1) == 0))
            {
                (best, bestRating, bestWeight) = (cluster, rating, clusterWeight);
            }
        }

        return best;
    }

    private int Rate(int vertex)
    {
        int rated = 0;
        int[] targets = _graph.Targets;
        int[] weights = _graph.EdgeWeights;
        for (int i = _graph.Offsets[vertex]; i < _graph.Offsets[vertex + 1]; i++)
        {
            int target = targets[i];
            if (_blocks is not null && _blocks[target] != _blocks[vertex])
            {
                continue;
            }

            int cluster = _cluster[target];
            if (_ratings[cluster] == 0)
            {
                _rated[rated++] = cluster;
            }

            _ratings[cluster] += weights[i];
        }

        return rated;
    }

    /// <summary>
    /// Two vertices alone in their clusters whose best neighbour is the same one, which is full: the leaves of a star.
    /// They go together though no edge joins them.
    /// </summary>
    private void PairTheLonely()
    {
        int[] waiting = new int[_graph.VertexCount];
        Array.Fill(waiting, -1);
        for (int vertex = 0; vertex < _graph.VertexCount; vertex++)
        {
            if (_sizes[_cluster[vertex]] != 1)
            {
                continue;
            }

            int favourite = HeaviestNeighbour(vertex);
            if (favourite < 0)
            {
                continue;
            }

            int other = waiting[favourite];
            if (other >= 0 && _weights[_cluster[other]] + _graph.VertexWeights[vertex] <= _weightMax)
            {
                Join(vertex, _cluster[other]);
                waiting[favourite] = -1;
            }
            else
            {
                waiting[favourite] = vertex;
            }
        }
    }

    /// <summary>The cluster to which a vertex has most edge weight, however full; −1: none.</summary>
    private int HeaviestNeighbour(int vertex)
    {
        int rated = Rate(vertex);
        int best = -1;
        long bestRating = 0;
        for (int i = 0; i < rated; i++)
        {
            int cluster = _rated[i];
            if (_ratings[cluster] > bestRating)
            {
                (best, bestRating) = (cluster, _ratings[cluster]);
            }

            _ratings[cluster] = 0;
        }

        return best;
    }

    private int[] Number()
    {
        int[] numbers = new int[_cluster.Length];
        Array.Fill(numbers, -1);
        int next = 0;
        for (int vertex = 0; vertex < _cluster.Length; vertex++)
        {
            int cluster = _cluster[vertex];
            if (numbers[cluster] < 0)
            {
                numbers[cluster] = next++;
            }

            _cluster[vertex] = numbers[cluster];
        }

        Invariant.Check(next == _count, "Clusters are counted as they come and go.");
        return _cluster;
    }
}
