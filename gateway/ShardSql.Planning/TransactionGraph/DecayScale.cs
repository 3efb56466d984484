using System;
using ShardSql.Primitives;

namespace ShardSql.Planning.TransactionGraph;

/// <summary>
/// Exponential decay without touching what is stored (forward decay, Cormode and others): one that arrives later
/// counts for more, in proportion 2^(time / half-life), and everything is read relative to what one counts for now.
/// From time to time all counts are shifted down by whole halvings, so that they stay small. Integers only.
/// </summary>
internal sealed class DecayScale
{
    /// <summary>One counts for so much, as a power of two, just after counts were shifted.</summary>
    private const int UnitBits = 12;

    /// <summary>After so many half-lives counts are shifted.</summary>
    private const int HalvingsMax = 16;

    private const int Steps = 64;

    /// <summary>2^(1/64), times 2^32.</summary>
    private const ulong StepFactor = 4_341_736_423;

    private static readonly ulong[] s_powers = Powers();

    private readonly long _halfLifeMs;
    private long _originMs;
    private long _nowMs;
    private long _unitAtStart;
    private bool _isStarted;

    public DecayScale(long halfLifeMs)
    {
        Invariant.Check(halfLifeMs > 0, "What decays has a half-life.");
        _halfLifeMs = halfLifeMs;
    }

    /// <summary>What one that arrives now counts for.</summary>
    public long Unit { get; private set; } = 1L << UnitBits;

    /// <summary>
    /// Goes to a time; an earlier one than before is the one before. Returns by how many halvings all counts must be
    /// shifted down first: nearly always none.
    /// </summary>
    public int Advance(long nowMs)
    {
        if (!_isStarted)
        {
            (_isStarted, _originMs, _nowMs) = (true, nowMs, nowMs);
            _unitAtStart = Unit;
            return 0;
        }

        if (nowMs <= _nowMs)
        {
            return 0;
        }

        _nowMs = nowMs;
        long halvings = (nowMs - _originMs) / _halfLifeMs;
        int shift = 0;
        if (halvings >= HalvingsMax)
        {
            _originMs += halvings * _halfLifeMs;
            shift = (int)Math.Min(halvings, 62);
            _unitAtStart >>= shift;
            halvings = 0;
        }

        long rest = nowMs - _originMs - (halvings * _halfLifeMs);
        Unit = (long)(PowerOf(rest) >> (32 - UnitBits - (int)halvings));
        return shift;
    }

    /// <summary>2^(time / half-life) for less than a half-life, times 2^32; straight between two steps.</summary>
    private ulong PowerOf(long rest)
    {
        var (step, part) = Int128.DivRem((Int128)rest * Steps, _halfLifeMs);
        ulong power = s_powers[(int)step];
        return power + (ulong)((s_powers[(int)step + 1] - power) * (UInt128)part / (UInt128)_halfLifeMs);
    }

    /// <summary>
    /// A count as a rate: counts that came at r per second from the start on are r × half-life / ln 2 × (unit now −
    /// unit at the start). With less than a second behind, that second is taken.
    /// </summary>
    public double PerSecond(long count)
    {
        const double LnOf2 = 0.693147180559945;
        double seconds = _halfLifeMs / 1000.0 / LnOf2 * (Unit - _unitAtStart) / Unit;
        return count / (double)Unit / Math.Max(1, seconds);
    }

    private static ulong[] Powers()
    {
        ulong[] powers = new ulong[Steps + 1];
        powers[0] = 1UL << 32;
        for (int i = 1; i <= Steps; i++)
        {
            powers[i] = (ulong)(((UInt128)powers[i - 1] * StepFactor) >> 32);
        }

        return powers;
    }
}
