using System;
using System.Collections.Generic;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Partitioning;

namespace ShardSql.Planning.TransactionGraph;

/// <content>What is read from it: lists for people, a graph for the partitioner.</content>
public sealed partial class TransactionTelemetry
{
    /// <summary>In a graph one touch of now weighs so much, unless the totals would not fit.</summary>
    internal const int GraphUnit = 16;

    /// <summary>Rows that are kept one by one now.</summary>
    public int KeyCount => _keys.Hitters.Count;

    /// <summary>Segments that are kept now.</summary>
    public int SegmentCount => _segments.Hitters.Count;

    /// <summary>Pairs of rows that are kept now.</summary>
    public int EdgeCount => _edges.Hitters.Count;

    /// <summary>The rows that are touched most, the hottest first.</summary>
    public IReadOnlyList<HotKey> HotKeys(int count)
    {
        var hot = new List<HotKey>();
        foreach (int slot in First(_keys.Hitters.Heaviest(), count))
        {
            var segment = new SegmentId(_rows[slot].Segment);
            hot.Add(new HotKey(_rows[slot].TableId, KeyAt(slot), segment, _keys.HeatOf(slot, _scale)));
        }

        return hot;
    }

    /// <summary>The segments that are touched most, the hottest first.</summary>
    public IReadOnlyList<HotSegment> HotSegments(int count)
    {
        var hot = new List<HotSegment>();
        foreach (int slot in First(_segments.Hitters.Heaviest(), count))
        {
            var segment = new SegmentId((uint)_segments.Hitters.IdOf(slot));
            hot.Add(new HotSegment(segment, _segments.HeatOf(slot, _scale)));
        }

        return hot;
    }

    /// <summary>The pairs that transactions touch together most; a row that is not hot stands as its segment.</summary>
    public IReadOnlyList<HotEdge> HotEdges(int count)
    {
        var hot = new List<HotEdge>();
        foreach (int slot in First(_edges.Hitters.Heaviest(), count))
        {
            PairSketch.Pair pair = _edges[slot];
            hot.Add(new HotEdge(
                VertexOf(pair.First), VertexOf(pair.Second), _scale.PerSecond(_edges.Hitters.CountOf(slot))));
        }

        return hot;
    }

    /// <summary>
    /// The graph as it is now. Rows whose heat is known well are vertices; every segment has one for its other rows,
    /// with the heat and the edges that are not theirs.
    /// </summary>
    public TransactionGraphSnapshot ToGraph() =>
        new GraphFolding(this).Fold();

    private GraphVertex VertexOf(PairSketch.Member member)
    {
        int slot = _keys.Hitters.Find(member.Id);
        return slot < 0
            ? new GraphVertex(new SegmentId(member.Segment), 0, null)
            : new GraphVertex(new SegmentId(_rows[slot].Segment), _rows[slot].TableId, KeyAt(slot));
    }

    private byte[] KeyAt(int slot) => _rowBytes.AsSpan(slot * KeyBytesMax, _rows[slot].Length).ToArray();

    private static ReadOnlySpan<int> First(int[] slots, int count) =>
        slots.AsSpan(0, Math.Clamp(count, 0, slots.Length));

    /// <summary>One conversion: numbers vertices as they turn up, and adds up what falls on the same.</summary>
    private sealed class GraphFolding(TransactionTelemetry telemetry)
    {
        private readonly List<GraphVertex> _vertices = [];
        private readonly List<long> _heat = [];
        private readonly Dictionary<ulong, int> _ofRow = [];
        private readonly Dictionary<uint, int> _ofSegment = [];
        private readonly Dictionary<(int First, int Second), int> _places = [];
        private readonly List<(int First, int Second, long Weight)> _edges = [];
        private readonly Dictionary<ulong, long> _explained = [];

        public TransactionGraphSnapshot Fold()
        {
            AddVertices();
            AddRowEdges();
            AddSegmentEdges();

            // The sample may name segments that no sketch holds any more, so the graph is built after it.
            TransactionSample sample = Sample();
            return new TransactionGraphSnapshot(Build(), _vertices, sample);
        }

        private void AddVertices()
        {
            HeavyHitters segments = telemetry._segments.Hitters;
            for (int slot = 0; slot < segments.Count; slot++)
            {
                _heat[SegmentVertex((uint)segments.IdOf(slot))] = segments.CountOf(slot);
            }

            HeavyHitters keys = telemetry._keys.Hitters;
            for (int slot = 0; slot < keys.Count; slot++)
            {
                // A row whose count may be for more than half another's is not told from the rest of its segment.
                long known = keys.KnownOf(slot);
                if (known * 2 < keys.CountOf(slot))
                {
                    continue;
                }

                uint segment = telemetry._rows[slot].Segment;
                int rest = SegmentVertex(segment);
                _heat[rest] = Math.Max(0, _heat[rest] - known);
                _ofRow.Add(keys.IdOf(slot), _vertices.Count);
                _vertices.Add(new GraphVertex(
                    new SegmentId(segment), telemetry._rows[slot].TableId, telemetry.KeyAt(slot)));
                _heat.Add(known);
            }
        }

        private void AddRowEdges()
        {
            PairSketch edges = telemetry._edges;
            for (int slot = 0; slot < edges.Hitters.Count; slot++)
            {
                PairSketch.Pair pair = edges[slot];
                long known = edges.Hitters.KnownOf(slot);
                Join(VertexOf(pair.First), VertexOf(pair.Second), known);
                if (pair.First.Segment != pair.Second.Segment)
                {
                    ulong segments = SegmentPairId(pair.First.Segment, pair.Second.Segment);
                    _explained[segments] = _explained.GetValueOrDefault(segments) + known;
                }
            }
        }

        /// <summary>What pairs of segments have in common beyond the pairs of rows that are known.</summary>
        private void AddSegmentEdges()
        {
            PairSketch pairs = telemetry._segmentPairs;
            for (int slot = 0; slot < pairs.Hitters.Count; slot++)
            {
                PairSketch.Pair pair = pairs[slot];
                long explained = _explained.GetValueOrDefault(SegmentPairId(pair.First.Segment, pair.Second.Segment));
                long rest = pairs.Hitters.KnownOf(slot) - explained;
                Join(SegmentVertex(pair.First.Segment), SegmentVertex(pair.Second.Segment), rest);
            }
        }

        private PartitionGraph Build()
        {
            var builder = new PartitionGraphBuilder();
            long heatUnit = UnitOf(_heat);
            foreach (long heat in _heat)
            {
                builder.AddVertex((int)(heat / heatUnit));
            }

            long edgeUnit = UnitOf(_edges.ConvertAll(edge => edge.Weight));
            foreach ((int first, int second, long weight) in _edges)
            {
                if (weight >= edgeUnit)
                {
                    builder.AddEdge(first, second, (int)(weight / edgeUnit));
                }
            }

            return builder.Build();
        }

        private TransactionSample Sample()
        {
            var sample = new TransactionSample();
            SampleReservoir kept = telemetry._samples;
            Span<int> vertices = stackalloc int[KeysOfATransactionMax];
            for (int place = 0; place < kept.Places; place++)
            {
                long weight = kept.WeightAt(place);
                if (weight == 0)
                {
                    continue;
                }

                ReadOnlySpan<PairSketch.Member> members = kept.MembersAt(place);
                for (int i = 0; i < members.Length; i++)
                {
                    vertices[i] = VertexOf(members[i]);
                }

                sample.Add(vertices[..members.Length], weight);
            }

            return sample;
        }

        /// <summary>What is one unit in the graph: a sixteenth of a touch of now, or more for the sum to fit.</summary>
        private long UnitOf(List<long> weights)
        {
            Int128 total = 0;
            foreach (long weight in weights)
            {
                total += weight;
            }

            long least = Math.Max(1, telemetry._scale.Unit / GraphUnit);
            return Math.Max(least, (long)(total / (PartitionGraph.WeightTotalMax / 2)) + 1);
        }

        private void Join(int first, int second, long weight)
        {
            if (first == second || weight <= 0)
            {
                return;
            }

            (int, int) ends = first < second ? (first, second) : (second, first);
            if (_places.TryGetValue(ends, out int place))
            {
                _edges[place] = _edges[place] with { Weight = _edges[place].Weight + weight };
                return;
            }

            _places.Add(ends, _edges.Count);
            _edges.Add((ends.Item1, ends.Item2, weight));
        }

        private int VertexOf(PairSketch.Member member) =>
            _ofRow.TryGetValue(member.Id, out int vertex) ? vertex : SegmentVertex(member.Segment);

        private int SegmentVertex(uint segment)
        {
            if (!_ofSegment.TryGetValue(segment, out int vertex))
            {
                vertex = _vertices.Count;
                _ofSegment.Add(segment, vertex);
                _vertices.Add(new GraphVertex(new SegmentId(segment), 0, null));
                _heat.Add(0);
            }

            return vertex;
        }

        private static ulong SegmentPairId(uint one, uint other) =>
            ((ulong)Math.Min(one, other) << 32) | Math.Max(one, other);
    }
}
