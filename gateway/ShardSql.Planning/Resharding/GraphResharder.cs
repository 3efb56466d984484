using System;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Moves;
using ShardSql.Planning.Partitioning;
using ShardSql.Planning.TransactionGraph;
using ShardSql.Primitives;

namespace ShardSql.Planning.Resharding;

/// <summary>
/// Finds hot rows a shard where the rows are that they are touched with (sharding.md §5). Rows with one shard key move
/// together, as one vertex; all that is not hot, or not meant, stays where it is and is one vertex of each shard. Pure: the
/// same state, graph and options give the same plan.
/// </summary>
public sealed class GraphResharder
{
    private readonly SystemState _state;
    private readonly TransactionGraphSnapshot _known;
    private readonly Predicate<uint> _isMeant;
    private readonly List<ShardId> _shards;
    private readonly Dictionary<byte[], int> _ofKey = new(ByteKeyComparer.Instance);
    private readonly List<(uint Group, byte[] Key)> _rows = [];
    private readonly List<int> _homes = [];
    private readonly int[] _units;

    private GraphResharder(SystemState state, TransactionGraphSnapshot known, Predicate<uint> isMeant)
    {
        _state = state;
        _known = known;
        _isMeant = isMeant;
        _shards = [.. state.Map.DataShards];
        _units = new int[known.Vertices.Count];
    }

    /// <summary>Plans.</summary>
    /// <param name="state">Catalog and map.</param>
    /// <param name="known">What the gateway knows of its transactions.</param>
    /// <param name="isMeant">Says of a colocation group whether its rows may move.</param>
    /// <param name="options">Bounds.</param>
    public static ReshardPlan Plan(
        SystemState state, TransactionGraphSnapshot known, Predicate<uint> isMeant, ReshardOptions options)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(options);
        return new GraphResharder(state, known, isMeant).Plan(options);
    }

    private ReshardPlan Plan(ReshardOptions options)
    {
        Number();
        (PartitionGraph graph, TransactionSample sample) = (Graph(), Sample());
        int[] homes = [.. _homes];
        MovePlan found = Repartitioner.Plan(graph, homes, new RepartitionOptions
        {
            Partition = new PartitionOptions
            {
                Parts = _shards.Count, BalancePerMille = options.BalancePerMille, Seed = options.Seed,
            },
            MovesMax = Math.Min(options.MovesMax, PartitionGraph.VerticesMax),
        });
        int[] wished = [.. _homes];
        var moves = new List<RangeMove>();
        foreach (PlannedMove move in found.Moves.Where(move => move.Vertex >= _shards.Count))
        {
            (uint group, byte[] key) = _rows[move.Vertex - _shards.Count];
            wished[move.Vertex] = move.To;
            moves.Add(new RangeMove(group, KeyRange.Prefix(key), _shards[move.To]));
        }

        return Describe(graph, sample, wished, moves, options);
    }

    private ReshardPlan Describe(
        PartitionGraph graph, TransactionSample sample, int[] wished, List<RangeMove> moves, ReshardOptions options)
    {
        int before = sample.CrossPerMillion(_homes);
        int after = sample.CrossPerMillion(wished);
        int gain = before == 0 ? 0 : (int)((long)(before - after) * 1000 / before);
        bool isWorth = gain > 0 && gain >= options.MinGainPerMille;
        int skewBefore = Skew.PerMille(graph.PartWeights([.. _homes], _shards.Count));
        return new ReshardPlan(
            isWorth ? moves : [],
            before,
            isWorth ? after : before,
            skewBefore,
            isWorth ? Skew.PerMille(graph.PartWeights(wished, _shards.Count)) : skewBefore,
            gain);
    }

    // First one vertex of each shard for all that stays there.
    private void Number()
    {
        for (int shard = 0; shard < _shards.Count; shard++)
        {
            _homes.Add(shard);
        }

        for (int vertex = 0; vertex < _units.Length; vertex++)
        {
            GraphVertex what = _known.Vertices[vertex];
            _units[vertex] = RowUnit(what) ?? RestUnit(what);
        }
    }

    private int? RowUnit(GraphVertex vertex)
    {
        if (vertex.Key is null || _state.Catalog.Find(vertex.TableId) is not { } table || !_isMeant(table.GroupId)
            || table.Placement is not (PlacementKind.Hash or PlacementKind.Range)
            || RoutingKeys.Of(table, vertex.Key) is not { } key || _state.Map.Find(key) is not { } segment)
        {
            return null;
        }

        if (!_ofKey.TryGetValue(key, out int unit))
        {
            unit = _homes.Count;
            _ofKey.Add(key, unit);
            _rows.Add((table.GroupId, key));
            _homes.Add(_shards.IndexOf(segment.Shard));
        }

        return unit;
    }

    // A segment that is gone was split or joined; whatever is hot in it will be seen again.
    private int RestUnit(GraphVertex vertex) =>
        _state.Map.Find(vertex.Segment) is { } segment ? _shards.IndexOf(segment.Shard) : -1;

    private PartitionGraph Graph()
    {
        int[] weights = new int[_homes.Count];
        for (int vertex = 0; vertex < _units.Length; vertex++)
        {
            if (_units[vertex] >= 0)
            {
                weights[_units[vertex]] += _known.Graph.VertexWeights[vertex];
            }
        }

        var builder = new PartitionGraphBuilder();
        Array.ForEach(weights, weight => builder.AddVertex(weight));
        for (int vertex = 0; vertex < _units.Length; vertex++)
        {
            for (int i = _known.Graph.Offsets[vertex]; i < _known.Graph.Offsets[vertex + 1]; i++)
            {
                int other = _known.Graph.Targets[i];
                if (vertex < other && _units[vertex] >= 0 && _units[other] >= 0)
                {
                    builder.AddEdge(_units[vertex], _units[other], _known.Graph.EdgeWeights[i]);
                }
            }
        }

        return builder.Build();
    }

    private TransactionSample Sample()
    {
        var sample = new TransactionSample();
        var touched = new List<int>();
        for (int transaction = 0; transaction < _known.Sample.Count; transaction++)
        {
            touched.Clear();
            foreach (int vertex in _known.Sample.VerticesOf(transaction))
            {
                if (_units[vertex] >= 0)
                {
                    touched.Add(_units[vertex]);
                }
            }

            if (touched.Count > 0)
            {
                sample.Add(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(touched), _known.Sample.WeightOf(transaction));
            }
        }

        return sample;
    }
}
