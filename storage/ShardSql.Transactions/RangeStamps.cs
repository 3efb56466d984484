using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Transactions;

/// <summary>
/// The highest stamp of a committed or served scan over each part of the key space, as a step function: breakpoints
/// with the stamp that holds from there on. Bounded: too many breakpoints are merged upwards, which can only abort more
/// than needed (commit.md §2, Phantoms).
/// </summary>
public sealed class RangeStamps
{
    /// <summary>Breakpoints kept; above it neighbours are merged.</summary>
    public const int BreakpointsMax = 4_096;

    private readonly OrderedMap<Step> _steps = new();

    /// <summary>No range read yet.</summary>
    public RangeStamps() => _steps.Set([], new Step([], HlcTimestamp.Zero));

    /// <summary>Breakpoints in use.</summary>
    public int Count => _steps.Count;

    /// <summary>The highest stamp of a range that holds the key.</summary>
    public HlcTimestamp At(byte[] key) => Floor(key).Stamp;

    /// <summary>Records a scan.</summary>
    public void Raise(KeyRange range, HlcTimestamp stamp)
    {
        if (range.End is not null && ByteKeyComparer.Instance.Compare(range.Start, range.End) >= 0)
        {
            return;
        }

        Split(range.Start);
        if (range.End is not null)
        {
            Split(range.End);
        }

        foreach ((_, Step step) in _steps.Range(range))
        {
            step.Stamp = HlcTimestamp.Max(step.Stamp, stamp);
        }

        if (_steps.Count > BreakpointsMax)
        {
            Coarsen();
        }
    }

    /// <summary>Forgets what is at or below a stamp: every transaction takes η ≥ horizon anyway.</summary>
    public void Forget(HlcTimestamp horizon)
    {
        HlcTimestamp previous = HlcTimestamp.Infinity;
        foreach (Step step in ToList())
        {
            if (step.Stamp <= horizon)
            {
                step.Stamp = HlcTimestamp.Zero;
            }

            if (step.Stamp == previous)
            {
                _steps.Remove(step.Start);
            }

            previous = step.Stamp;
        }
    }

    /// <summary>Writes the steps.</summary>
    public void Write(ByteWriter writer)
    {
        writer.WriteVarint((ulong)_steps.Count);
        foreach ((byte[] start, Step step) in _steps.Range(KeyRange.All))
        {
            writer.WriteBytes(start);
            writer.WriteStamp(step.Stamp);
        }
    }

    /// <summary>Reads steps.</summary>
    public static RangeStamps Read(ref ByteReader reader)
    {
        var stamps = new RangeStamps();
        for (int i = reader.ReadCount(1 + HlcTimestamp.EncodedLength); i > 0; i--)
        {
            byte[] start = reader.ReadBytes();
            stamps._steps.Set(start, new Step(start, reader.ReadStamp()));
        }

        return stamps;
    }

    private Step Floor(byte[] key)
    {
        bool found = _steps.TryFloor(key, out Step? step);
        Invariant.Check(found, "The first breakpoint is the empty key.");
        return step!;
    }

    private void Split(byte[] at)
    {
        Step floor = Floor(at);
        if (!ByteKeyComparer.Instance.Equals(floor.Start, at))
        {
            _steps.Set(at, new Step(at, floor.Stamp));
        }
    }

    // Every second breakpoint goes; the one before it takes the higher of the two stamps.
    private void Coarsen()
    {
        Step? kept = null;
        foreach (Step step in ToList())
        {
            if (kept is null)
            {
                kept = step;
            }
            else
            {
                kept.Stamp = HlcTimestamp.Max(kept.Stamp, step.Stamp);
                _steps.Remove(step.Start);
                kept = null;
            }
        }
    }

    private List<Step> ToList()
    {
        var all = new List<Step>(_steps.Count);
        foreach ((_, Step step) in _steps.Range(KeyRange.All))
        {
            all.Add(step);
        }

        return all;
    }

    private sealed class Step(byte[] start, HlcTimestamp stamp)
    {
        public byte[] Start { get; } = start;

        public HlcTimestamp Stamp { get; set; } = stamp;
    }
}
