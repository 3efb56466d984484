using ShardSql.Primitives;
using ShardSql.Storage.Nodes;

namespace ShardSql.Simulation.Cluster;

/// <summary>
/// A machine's two clocks: one that only rises, at its own pace and from its own beginning, and one of the wall, which
/// is off and may be set.
/// </summary>
internal sealed class SimulatedClock
{
    private const long EpochMs = 1_700_000_000_000;
    private const int DriftPpmMax = 200;
    private const int OriginSecondsMax = 1_000_000;

    private readonly EventQueue _events;
    private readonly int _driftPpm;
    private readonly long _originUs;

    public SimulatedClock(EventQueue events, Prng prng, int wallSkewMs)
    {
        _events = events;
        _driftPpm = prng.Next(-DriftPpmMax, DriftPpmMax + 1);
        _originUs = prng.Next(OriginSecondsMax) * 1_000_000L;
        OffsetMs = prng.Next(-wallSkewMs, wallSkewMs + 1);
    }

    /// <summary>How far the wall clock is off, ms, beside its drift.</summary>
    public long OffsetMs { get; set; }

    public long WallMs => Now.WallMs;

    public NodeTime Now => After(0);

    /// <summary>What the clocks will say after a while.</summary>
    public NodeTime After(long us)
    {
        long then = _events.NowUs + us;
        long drifted = then + (then * _driftPpm / 1_000_000);
        long risingUs = _originUs + drifted;
        return new NodeTime(risingUs / 1_000, risingUs, EpochMs + (drifted / 1_000) + OffsetMs);
    }
}
