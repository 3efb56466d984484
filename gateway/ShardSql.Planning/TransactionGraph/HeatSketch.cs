namespace ShardSql.Planning.TransactionGraph;

/// <summary>Heavy hitters whose counts are told apart by kind of touch.</summary>
internal sealed class HeatSketch(int slots)
{
    private readonly long[] _reads = new long[slots];
    private readonly long[] _writes = new long[slots];
    private readonly long[] _aborts = new long[slots];

    public HeavyHitters Hitters { get; } = new(slots);

    /// <summary>Adds a touch; returns the id's slot.</summary>
    public int Add(ulong id, long weight, TouchKind kind, out bool isNew)
    {
        int slot = Hitters.Add(id, weight, out isNew);
        if (isNew)
        {
            (_reads[slot], _writes[slot], _aborts[slot]) = (0, 0, 0);
        }

        long[] counts = kind switch
        {
            TouchKind.Read => _reads,
            TouchKind.Write => _writes,
            _ => _aborts,
        };
        counts[slot] += weight;
        return slot;
    }

    public void Shift(int halvings)
    {
        Hitters.Shift(halvings);
        for (int slot = 0; slot < Hitters.Count; slot++)
        {
            _reads[slot] >>= halvings;
            _writes[slot] >>= halvings;
            _aborts[slot] >>= halvings;
        }
    }

    public Heat HeatOf(int slot, DecayScale scale) =>
        new(scale.PerSecond(_reads[slot]), scale.PerSecond(_writes[slot]), scale.PerSecond(_aborts[slot]));
}
