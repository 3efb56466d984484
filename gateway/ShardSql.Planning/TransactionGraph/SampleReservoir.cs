using System;
using ShardSql.Primitives;

namespace ShardSql.Planning.TransactionGraph;

/// <summary>
/// Whole transactions, some of each stretch of time: a stratum lasts a quarter of a half-life and keeps a uniform
/// sample of its transactions (Vitter's algorithm R); the oldest stratum is written over. Its transactions count as
/// they decay.
/// </summary>
internal sealed class SampleReservoir
{
    /// <summary>Strata of a half-life.</summary>
    private const int OfAHalfLife = 4;

    /// <summary>Strata that are kept: four half-lives, more than nine tenths of all weight.</summary>
    private const int Strata = 16;

    private readonly int _size;
    private readonly long _lengthMs;
    private readonly Prng _random;
    private readonly Stratum[] _strata = new Stratum[Strata];
    private readonly PairSketch.Member[] _members;
    private readonly byte[] _counts;
    private int _current;
    private long _endMs = long.MinValue;

    public SampleReservoir(int size, long halfLifeMs, Prng random)
    {
        _size = size;
        _lengthMs = Math.Max(1, halfLifeMs / OfAHalfLife);
        _random = random;
        _members = new PairSketch.Member[Strata * size * TransactionTelemetry.KeysOfATransactionMax];
        _counts = new byte[Strata * size];
    }

    /// <summary>Perhaps keeps a transaction that touched these and counts for the weight.</summary>
    public void Add(ReadOnlySpan<PairSketch.Member> touched, long unit, long nowMs)
    {
        if (nowMs >= _endMs)
        {
            Begin(unit, nowMs);
        }

        ref Stratum stratum = ref _strata[_current];
        stratum.Seen++;
        int place = stratum.Kept;
        if (place == _size)
        {
            long drawn = (long)Math.BigMul(_random.NextUInt64(), (ulong)stratum.Seen, out _);
            if (drawn >= _size)
            {
                return;
            }

            place = (int)drawn;
        }
        else
        {
            stratum.Kept++;
        }

        int sample = (_current * _size) + place;
        _counts[sample] = (byte)touched.Length;
        touched.CopyTo(_members.AsSpan(sample * TransactionTelemetry.KeysOfATransactionMax));
    }

    public void Shift(int halvings)
    {
        for (int i = 0; i < Strata; i++)
        {
            _strata[i].Unit >>= halvings;
        }
    }

    /// <summary>Samples that are kept, at places 0 to this − 1 of which some are empty.</summary>
    public int Places => Strata * _size;

    /// <summary>What the sample at a place stands for; 0: there is none, or it counts no longer.</summary>
    public long WeightAt(int place)
    {
        Stratum stratum = _strata[place / _size];
        return place % _size < stratum.Kept ? (long)((Int128)stratum.Seen * stratum.Unit / stratum.Kept) : 0;
    }

    public ReadOnlySpan<PairSketch.Member> MembersAt(int place) =>
        _members.AsSpan(place * TransactionTelemetry.KeysOfATransactionMax, _counts[place]);

    private void Begin(long unit, long nowMs)
    {
        _current = (_current + 1) % Strata;
        _strata[_current] = new Stratum { Unit = unit };
        _endMs = nowMs + _lengthMs;
    }

    private struct Stratum
    {
        public long Seen;
        public long Unit;
        public int Kept;
    }
}
