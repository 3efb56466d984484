using System;
using System.Threading;

using ShardSql.Primitives;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;

namespace ShardSql.Gateway.Stamps;

/// <summary>
/// The gateway's clock: begin and commit stamps under a source number that no other live clock has, above every stamp
/// that any of its sessions or shards has shown (commit.md §1).
/// </summary>
public sealed class StampSource
{
    /// <summary>Gateways draw above this bit, nodes below it: the two never share a source number.</summary>
    public const ulong GatewayBit = 1UL << 63;

    private const ulong AheadBit = 1UL << 62;
    private const int MaxCatchBits = 11;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private HlcClock _clock;
    private HlcClock _ahead;

    /// <summary>A clock without a number yet: it may read, and must not commit across shards before it has
    /// one.</summary>
    public StampSource(TimeProvider time)
        : this(0, time)
    {
    }

    /// <summary>A clock with the number that the system shard gave out.</summary>
    public StampSource(ulong number, TimeProvider time)
    {
        _time = time;
        Source = GatewayBit | number;
        _clock = new HlcClock(Source);
        _ahead = new HlcClock(Source | AheadBit);
    }

    /// <summary>What the stamps are drawn under.</summary>
    public ulong Source { get; private set; }

    /// <summary>Whether the clock has a number of its own.</summary>
    public bool HasNumber => Source != GatewayBit;

    /// <summary>Physical time in milliseconds since 1970.</summary>
    public long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The highest stamp drawn or merged.</summary>
    public HlcTimestamp Highest
    {
        get
        {
            lock (_gate)
            {
                return _clock.Highest;
            }
        }
    }

    /// <summary>Takes the number that the system shard gave out; draws go on above all earlier ones.</summary>
    public void TakeNumber(ulong number)
    {
        lock (_gate)
        {
            Invariant.Check(!HasNumber && number is > 0 and < GatewayBit, "A clock is numbered once.");
            HlcTimestamp highest = _clock.Highest;
            Source = GatewayBit | number;
            _clock = new HlcClock(Source);
            _clock.Merge(highest);
            _ahead = new HlcClock(Source | AheadBit);
        }
    }

    /// <summary>Draws a stamp.</summary>
    public HlcTimestamp Next()
    {
        lock (_gate)
        {
            return _clock.Next(NowMs);
        }
    }

    /// <summary>Draws a stamp that lies a little ahead of all that are drawn now, from a source of its own, so that what
    /// is read meanwhile lies below it.</summary>
    public HlcTimestamp NextAhead(TimeSpan lead)
    {
        lock (_gate)
        {
            _ahead.Merge(_clock.Highest);
            return _ahead.Next(NowMs + (long)lead.TotalMilliseconds);
        }
    }

    /// <summary>Makes the following draws larger than a stamp seen.</summary>
    public void Merge(HlcTimestamp seen)
    {
        lock (_gate)
        {
            _clock.Merge(seen);
        }
    }

    /// <summary>
    /// A shard has refused again what was drawn here: it knows stamps of a clock that is ahead of ours. Moves past now
    /// by 1 ms, 2 ms, 4 ms, …, less than the skew that shards allow.
    /// </summary>
    /// <param name="refusals">Refusals before this one; the first moves nothing.</param>
    public void CatchUp(int refusals)
    {
        if (refusals > 0)
        {
            Merge(HlcTimestamp.FromPhysicalMs(NowMs + (1L << Math.Min(refusals - 1, MaxCatchBits))));
        }
    }

    /// <summary>Merges a stamp that a client claims to have seen; null is none.</summary>
    /// <exception cref="SqlException">22023: no honest clock could have drawn it.</exception>
    public void MergeForeign(Stamp? claimed)
    {
        if (claimed is null)
        {
            return;
        }

        var seen = new HlcTimestamp(claimed.Time, claimed.Source);
        if (HlcClock.IsTooFarAhead(seen, NowMs))
        {
            throw new SqlException(
                SqlStates.InvalidParameterValue,
                $"highest stamp is more than {HlcClock.MaxSkewMs} ms ahead of the gateway's clock");
        }

        Merge(seen);
    }
}
