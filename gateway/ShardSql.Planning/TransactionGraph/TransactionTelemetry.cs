using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using ShardSql.Planning.Maps;
using ShardSql.Primitives;

namespace ShardSql.Planning.TransactionGraph;

/// <summary>
/// What transactions touch, bounded and decayed: hot rows and segments, and which of them go together. Rows beyond the
/// sketch fall back on their segment. Time is given in; adding a transaction allocates nothing.
/// </summary>
public sealed partial class TransactionTelemetry
{
    /// <summary>Rows of a transaction that are joined by edges; what is beyond counts as touched only.</summary>
    public const int KeysOfATransactionMax = 16;

    /// <summary>Pairs of rows that one transaction adds weight to.</summary>
    public const int PairsOfATransactionMax = 15;

    /// <summary>Longest key that is kept one by one; a row with a longer one counts for its segment.</summary>
    public const int KeyBytesMax = 128;

    /// <summary>Shards whose load is told apart.</summary>
    public const int ShardsMax = 256;

    private readonly TelemetryOptions _options;
    private readonly DecayScale _scale;
    private readonly Prng _random;
    private readonly HeatSketch _keys;
    private readonly HeatSketch _segments;
    private readonly PairSketch _edges;
    private readonly PairSketch _segmentPairs;
    private readonly SampleReservoir _samples;
    private readonly RowName[] _rows;
    private readonly byte[] _rowBytes;
    private readonly long[] _shardLoads = new long[ShardsMax];
    private long _transactions;
    private long _crossShard;
    private int _untilSample;
    private int _afterSample;

    /// <summary>An empty telemetry.</summary>
    public TransactionTelemetry(TelemetryOptions options)
    {
        options.Check();
        _options = options;
        _scale = new DecayScale(options.HalfLifeMs);
        _random = new Prng(options.Seed);
        _keys = new HeatSketch(options.Keys);
        _segments = new HeatSketch(options.Segments);
        _edges = new PairSketch(options.Edges);
        _segmentPairs = new PairSketch(options.SegmentPairs);
        _samples = new SampleReservoir(options.SamplesOfAStratum, options.HalfLifeMs, _random.Fork(1));
        _rows = new RowName[options.Keys];
        _rowBytes = new byte[options.Keys * KeyBytesMax];
        DrawSample();
    }

    /// <summary>Committed transactions per second.</summary>
    public double TransactionsPerSecond => _scale.PerSecond(_transactions);

    /// <summary>
    /// Millionths of the committed transactions that were cross-shard; every one is counted, not only samples.
    /// </summary>
    public int CrossShardPerMillion =>
        _transactions == 0 ? 0 : (int)((Int128)_crossShard * 1_000_000 / _transactions);

    /// <summary>Adds a committed transaction.</summary>
    /// <param name="touched">The rows that it read and wrote.</param>
    /// <param name="shards">The shards that took part.</param>
    /// <param name="wasCrossShard">Whether it was committed across shards.</param>
    /// <param name="nowMs">The time, in milliseconds of any clock that does not go back.</param>
    public void Add(
        ReadOnlySpan<TouchedKey> touched, ReadOnlySpan<ShardId> shards, bool wasCrossShard, long nowMs)
    {
        Advance(nowMs);
        _transactions += _scale.Unit;
        _crossShard += wasCrossShard ? _scale.Unit : 0;
        foreach (ShardId shard in shards)
        {
            _shardLoads[shard.Value % ShardsMax] += _scale.Unit;
        }

        if (IsSample())
        {
            AddSample(touched, nowMs);
        }
    }

    /// <summary>Counts committed transactions for somebody who draws the samples himself.</summary>
    /// <param name="transactions">How many.</param>
    /// <param name="crossShard">How many of them were committed across shards.</param>
    /// <param name="byShard">In how many each shard took part, by its number modulo <see cref="ShardsMax"/>.</param>
    /// <param name="nowMs">The time.</param>
    public void AddCounts(long transactions, long crossShard, ReadOnlySpan<long> byShard, long nowMs)
    {
        Advance(nowMs);
        _transactions += transactions * _scale.Unit;
        _crossShard += crossShard * _scale.Unit;
        for (int i = 0; i < byShard.Length; i++)
        {
            _shardLoads[i] += byShard[i] * _scale.Unit;
        }
    }

    /// <summary>Adds the rows of a transaction that is counted elsewhere, with the weight of all that it stands for.</summary>
    public void AddSample(ReadOnlySpan<TouchedKey> touched, long nowMs)
    {
        if (touched.Length > 0)
        {
            Advance(nowMs);
            Touch(touched, nowMs);
        }
    }

    /// <summary>Adds a transaction that was rolled back: its rows are hot, but it joins none.</summary>
    public void AddAborted(ReadOnlySpan<TouchedKey> touched, long nowMs)
    {
        Advance(nowMs);
        foreach (ref readonly TouchedKey key in touched)
        {
            AddTouch(IdOf(key), key, TouchKind.Abort, _scale.Unit);
        }
    }

    /// <summary>Lets time pass, so that figures that are read next are of now.</summary>
    public void Advance(long nowMs)
    {
        int halvings = _scale.Advance(nowMs);
        if (halvings == 0)
        {
            return;
        }

        _transactions >>= halvings;
        _crossShard >>= halvings;
        for (int shard = 0; shard < ShardsMax; shard++)
        {
            _shardLoads[shard] >>= halvings;
        }

        _keys.Shift(halvings);
        _segments.Shift(halvings);
        _edges.Shift(halvings);
        _segmentPairs.Shift(halvings);
        _samples.Shift(halvings);
    }

    /// <summary>Transactions per second in which a shard took part.</summary>
    public double LoadOf(ShardId shard) => _scale.PerSecond(_shardLoads[shard.Value % ShardsMax]);

    /// <summary>One of each block of transactions, at a place in it that no rhythm of the load can follow.</summary>
    private bool IsSample()
    {
        if (_untilSample-- > 0)
        {
            return false;
        }

        DrawSample();
        return true;
    }

    private void DrawSample()
    {
        int place = _random.Next(_options.SampleEvery);
        _untilSample = _afterSample + place;
        _afterSample = _options.SampleEvery - 1 - place;
    }

    private void Touch(ReadOnlySpan<TouchedKey> touched, long nowMs)
    {
        long weight = _scale.Unit * _options.SampleEvery;
        var members = new Members();
        int count = 0;
        foreach (ref readonly TouchedKey key in touched)
        {
            ulong id = IdOf(key);
            AddTouch(id, key, key.IsWrite ? TouchKind.Write : TouchKind.Read, weight);
            if (count < KeysOfATransactionMax && !Contains(members[..count], id))
            {
                members[count++] = new PairSketch.Member(id, key.Segment.Value);
            }
        }

        Join(members[..count], weight);
        _samples.Add(members[..count], weight, nowMs);
    }

    /// <summary>
    /// Every pair, so heavy that each row has the weight of one transaction; of many pairs some that are drawn, with
    /// the weight of all.
    /// </summary>
    private void Join(ReadOnlySpan<PairSketch.Member> members, long weight)
    {
        int pairs = members.Length * (members.Length - 1) / 2;
        if (pairs > PairsOfATransactionMax)
        {
            for (int i = 0; i < PairsOfATransactionMax; i++)
            {
                int first = _random.Next(members.Length);
                int second = (first + 1 + _random.Next(members.Length - 1)) % members.Length;
                Join(members[first], members[second], weight * members.Length / (2 * PairsOfATransactionMax));
            }

            return;
        }

        for (int i = 1; i < members.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                Join(members[i], members[j], Math.Max(1, weight / (members.Length - 1)));
            }
        }
    }

    private void Join(PairSketch.Member first, PairSketch.Member second, long weight)
    {
        _edges.Add(first, second, weight);
        if (first.Segment != second.Segment)
        {
            _segmentPairs.Add(OfSegment(first.Segment), OfSegment(second.Segment), weight);
        }
    }

    private void AddTouch(ulong id, in TouchedKey key, TouchKind kind, long weight)
    {
        _segments.Add(key.Segment.Value, weight, kind, out _);
        if (key.Key.Length > KeyBytesMax)
        {
            return;
        }

        int slot = _keys.Add(id, weight, kind, out bool isNew);
        if (isNew)
        {
            _rows[slot].TableId = key.TableId;
            _rows[slot].Length = (byte)key.Key.Length;
            key.Key.Span.CopyTo(_rowBytes.AsSpan(slot * KeyBytesMax));
        }

        _rows[slot].Segment = key.Segment.Value;
    }

    private static bool Contains(ReadOnlySpan<PairSketch.Member> members, ulong id)
    {
        foreach (PairSketch.Member member in members)
        {
            if (member.Id == id)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Rows are known by a hash of 64 bits: that two of them share one is not to be feared.</summary>
    private static ulong IdOf(in TouchedKey key) => Hash64.Compute(key.Key.Span, key.TableId);

    private static PairSketch.Member OfSegment(uint segment) => new(segment, segment);

    [InlineArray(KeysOfATransactionMax)]
    private struct Members
    {
        private PairSketch.Member _first;
    }

    /// <summary>What a slot of the keys' sketch stands for; the bytes are beside it.</summary>
    private struct RowName
    {
        public uint TableId;
        public uint Segment;
        public byte Length;
    }
}
