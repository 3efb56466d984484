using System;
using ShardSql.Primitives;

namespace ShardSql.Planning.Partitioning;

/// <summary>
/// One level of coarsening: label propagation with a size limit (Meyerhenke, Sanders, Schulz). Each vertex in turn
/// joins the neighbouring cluster to which it has most edge weight for its size; clusters stay below a weight and
/// inside the blocks of a partition that is to be kept. Stops when there are few enough, so that refinement sees many
/// levels.
/// </summary>
internal sealed class Clustering
{
    private const int RoundsMax = 3;

    /// <summary>A level keeps at least one cluster for this many tenths of a vertex.</summary>
    private const int ShrinkTenths = 22;

    /// <summary>
    /// With more clusters than this many of a hundred vertices, lonely vertices with a common neighbour pair up.
    /// </summary>
    private const int SlowPercent = 65;

    private readonly PartitionGraph _graph;
    private readonly int[]? _blocks;
    private readonly long _weightMax;
    private readonly Prng _random;
    private readonly int[] _cluster;
    private readonly int[] _weights;
    private readonly int[] _sizes;
    private readonly int[] _ratings;
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
        _weights = new int[_count];
        _sizes = new int[_count];
        _ratings = new int[_count];
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
        int[] ratings = _ratings;
        int[] weights = _weights;
        int own = _cluster[vertex];
        int weight = _graph.VertexWeights[vertex];
        ReadOnlySpan<int> rated = Rate(vertex);
        int best = own;
        long bestRating = ratings[own];
        long bestWeight = Math.Max(1, weights[own] - weight);
        long heaviest = _weightMax - weight;
        foreach (int cluster in rated)
        {
            long rating = ratings[cluster];
            ratings[cluster] = 0;
            if (cluster == own || weights[cluster] > heaviest)
            {
                continue;
            }

            long clusterWeight = Math.Max(1, weights[cluster]);
            long mine = rating * bestWeight;
            long other = bestRating * clusterWeight;
            if (mine > other || (mine == other && (_random.NextUInt64() & 1) == 0))
            {
                (best, bestRating, bestWeight) = (cluster, rating, clusterWeight);
            }
        }

        return best;
    }

    /// <summary>The clusters of a vertex' neighbours; their ratings are the edge weight to each.</summary>
    private ReadOnlySpan<int> Rate(int vertex)
    {
        int[] ratings = _ratings;
        int[] clusters = _cluster;
        int[] ratedClusters = _rated;
        int[]? blocks = _blocks;
        int rated = 0;
        ReadOnlySpan<int> targets = _graph.Neighbours(vertex);
        ReadOnlySpan<int> weights = _graph.WeightsOfEdges(vertex);
        for (int i = 0; i < targets.Length; i++)
        {
            int target = targets[i];
            if (blocks is not null && blocks[target] != blocks[vertex])
            {
                continue;
            }

            int cluster = clusters[target];
            int rating = ratings[cluster];
            if (rating == 0)
            {
                ratedClusters[rated++] = cluster;
            }

            ratings[cluster] = rating + weights[i];
        }

        return ratedClusters.AsSpan(0, rated);
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
            if (other >= 0 && _weights[_cluster[other]] <= _weightMax - _graph.VertexWeights[vertex])
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
        int best = -1;
        int bestRating = 0;
        foreach (int cluster in Rate(vertex))
        {
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
