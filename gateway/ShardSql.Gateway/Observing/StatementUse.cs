using System;
using System.Numerics;
using System.Threading;

namespace ShardSql.Gateway.Observing;

/// <summary>What this gateway has seen of one statement: counters that sessions raise at once.</summary>
internal sealed class StatementUse
{
    /// <summary>Parts of an octave of time: figures are within an eighth.</summary>
    private const int StepsPerOctave = 8;
    private const int StepBits = 3;
    private const int Octaves = 34;

    private readonly int[] _times = new int[StepsPerOctave * Octaves];
    private long _calls;
    private long _single;
    private long _shards;
    private long _retries;
    private long _lastUse;
    private int _lastPlan;

    public StatementUse(string digest)
    {
        Digest = digest;
    }

    /// <summary>The statement in short.</summary>
    public string Digest { get; }

    public long Calls => Interlocked.Read(ref _calls);

    public long Single => Interlocked.Read(ref _single);

    public long Shards => Interlocked.Read(ref _shards);

    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>When it ran last, as the clock's ticks.</summary>
    public long LastUse => Interlocked.Read(ref _lastUse);

    /// <summary>The plan of the last run, in words.</summary>
    public string LastPlan
    {
        get
        {
            int plan = Volatile.Read(ref _lastPlan);
            int shards = plan >> 2;
            string kind = shards == 0 ? "GATEWAY" : shards == 1 ? "SINGLE-SHARD" : $"CROSS-SHARD ({shards} shards)";
            string how = (plan & 1) != 0 ? ", by key" : (plan & 2) != 0 ? ", joined at the gateway" : ", by ranges";
            return shards == 0 ? kind : kind + how;
        }
    }

    /// <summary>Counts a run.</summary>
    /// <param name="microseconds">How long it took.</param>
    /// <param name="shards">How many shards took part.</param>
    /// <param name="isByKey">Whether it went by keys.</param>
    /// <param name="isRelational">Whether the gateway put rows of several sources together.</param>
    /// <param name="now">The clock's ticks.</param>
    public void Count(long microseconds, int shards, bool isByKey, bool isRelational, long now)
    {
        Interlocked.Increment(ref _calls);
        Interlocked.Add(ref _shards, shards);
        if (shards <= 1)
        {
            Interlocked.Increment(ref _single);
        }

        Interlocked.Increment(ref _times[StepOf(microseconds)]);
        Volatile.Write(ref _lastPlan, (shards << 2) | (isRelational ? 2 : 0) | (isByKey ? 1 : 0));
        Volatile.Write(ref _lastUse, now);
    }

    /// <summary>Counts a new attempt.</summary>
    public void CountRetry() => Interlocked.Increment(ref _retries);

    /// <summary>The time within which a share of the runs ended, in milliseconds.</summary>
    public double TimeWithin(double share)
    {
        long all = 0;
        foreach (int count in _times)
        {
            all += count;
        }

        long wanted = (long)Math.Ceiling(all * share);
        long seen = 0;
        for (int i = 0; i < _times.Length; i++)
        {
            seen += _times[i];
            if (seen >= wanted && seen > 0)
            {
                return EndOf(i) / 1_000.0;
            }
        }

        return 0;
    }

    /// <summary>Below the first octaves each microsecond has its own step.</summary>
    private static int StepOf(long microseconds)
    {
        ulong value = (ulong)Math.Max(0, microseconds);
        if (value < StepsPerOctave)
        {
            return (int)value;
        }

        int octave = BitOperations.Log2(value);
        int step = (int)(value >> (octave - StepBits)) & (StepsPerOctave - 1);
        return Math.Min(((octave - StepBits + 1) * StepsPerOctave) + step, (StepsPerOctave * Octaves) - 1);
    }

    private static long EndOf(int step)
    {
        int octave = step / StepsPerOctave;
        long low = octave == 0 ? step : (long)(StepsPerOctave + (step % StepsPerOctave)) << (octave - 1);
        return octave == 0 ? low : low + (1L << (octave - 1)) - 1;
    }
}
