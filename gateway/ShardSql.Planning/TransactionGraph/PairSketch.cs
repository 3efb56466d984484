using ShardSql.Primitives;

namespace ShardSql.Planning.TransactionGraph;

/// <summary>Heavy pairs of vertices: two ids, and of what segments they are.</summary>
internal sealed class PairSketch(int slots)
{
    private readonly Pair[] _pairs = new Pair[slots];

    public HeavyHitters Hitters { get; } = new(slots);

    public Pair this[int slot] => _pairs[slot];

    /// <summary>Adds weight between two; the order does not matter.</summary>
    public void Add(Member first, Member second, long weight)
    {
        if (second.Id < first.Id)
        {
            (first, second) = (second, first);
        }

        int slot = Hitters.Add(Hash64.Combine(first.Id, second.Id), weight, out _);
        _pairs[slot] = new Pair(first, second);
    }

    public void Shift(int halvings) => Hitters.Shift(halvings);

    /// <summary>A vertex by its id, and its segment as it was when last seen.</summary>
    public readonly record struct Member(ulong Id, uint Segment);

    /// <summary>Two of them, the lesser id first.</summary>
    public readonly record struct Pair(Member First, Member Second);
}
