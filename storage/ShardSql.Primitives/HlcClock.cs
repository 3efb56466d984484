namespace ShardSql.Primitives;

/// <summary>
/// A hybrid logical clock. Pure: physical time is passed in. Draws rise strictly and are above every stamp merged, so
/// a commit stamp is above all that its transaction has read (commit.md §1). Not safe for several threads.
/// </summary>
public sealed class HlcClock
{
    /// <summary>How far a stamp may be ahead of physical time before it is refused, ms.</summary>
    public const long MaxSkewMs = 5_000;

    private readonly ulong _source;
    private ulong _last;

    /// <summary>A clock that stamps with a source number; no two live clocks share one.</summary>
    public HlcClock(ulong source) => _source = source;

    /// <summary>The highest stamp drawn or merged.</summary>
    public HlcTimestamp Highest => new(_last, ulong.MaxValue);

    /// <summary>Whether a stamp is further ahead of physical time than any honest clock would be.</summary>
    public static bool IsTooFarAhead(HlcTimestamp stamp, long nowMs) => stamp.PhysicalMs > nowMs + MaxSkewMs;

    /// <summary>Draws the next stamp.</summary>
    /// <param name="nowMs">Physical time, milliseconds since 1970; may stand still or jump back.</param>
    public HlcTimestamp Next(long nowMs)
    {
        ulong physical = (ulong)nowMs << HlcTimestamp.LogicalBits;
        _last = physical > _last ? physical : _last + 1;
        return new HlcTimestamp(_last, _source);
    }

    /// <summary>Makes the following draws larger than a stamp seen elsewhere.</summary>
    public void Merge(HlcTimestamp seen)
    {
        if (!seen.IsInfinity && seen.Time > _last)
        {
            _last = seen.Time;
        }
    }
}
