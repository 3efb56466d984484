using System;
using System.Collections.Generic;
using System.Threading;

using ShardSql.Primitives;

namespace ShardSql.Gateway.Stamps;

/// <summary>The snapshots that this gateway still reads at; the oldest holds the shards' horizons back.</summary>
public sealed class SnapshotRegistry
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<HlcTimestamp, int> _open = [];

    /// <summary>Snapshots in use.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _open.Count;
            }
        }
    }

    /// <summary>Draws a snapshot and holds it until the lease is disposed. Drawing and holding are one step, so that a
    /// report in between cannot pass it.</summary>
    public Lease Open(StampSource stamps)
    {
        lock (_gate)
        {
            return Hold(stamps.Next());
        }
    }

    /// <summary>Holds a snapshot of the past. Shards may have settled what it would need already; they say so.</summary>
    public Lease OpenAt(HlcTimestamp stamp)
    {
        lock (_gate)
        {
            return Hold(stamp);
        }
    }

    /// <summary>The oldest snapshot in use, or a stamp below all that will be opened.</summary>
    public HlcTimestamp Oldest(StampSource stamps)
    {
        lock (_gate)
        {
            foreach (HlcTimestamp oldest in _open.Keys)
            {
                return oldest;
            }

            return stamps.Next();
        }
    }

    private Lease Hold(HlcTimestamp stamp)
    {
        _open[stamp] = _open.GetValueOrDefault(stamp) + 1;
        return new Lease(this, stamp);
    }

    private void Close(HlcTimestamp stamp)
    {
        lock (_gate)
        {
            int left = _open[stamp] - 1;
            if (left == 0)
            {
                _open.Remove(stamp);
            }
            else
            {
                _open[stamp] = left;
            }
        }
    }

    /// <summary>Holds one snapshot.</summary>
    public sealed class Lease : IDisposable
    {
        private SnapshotRegistry? _registry;

        internal Lease(SnapshotRegistry registry, HlcTimestamp stamp)
        {
            _registry = registry;
            Stamp = stamp;
        }

        /// <summary>The snapshot b.</summary>
        public HlcTimestamp Stamp { get; }

        /// <summary>Gives the snapshot up; more than once is harmless.</summary>
        public void Dispose() => Interlocked.Exchange(ref _registry, null)?.Close(Stamp);
    }
}
