using System.Collections.Generic;
using System.IO;

using ShardSql.Primitives;

namespace ShardSql.Storage.Files;

/// <content>What goes wrong with the disk.</content>
public sealed partial class SimulatedFileSystem
{
    /// <summary>Lets the write after so many more fail, and with a full disk all after it: EIO or ENOSPC.</summary>
    public void FailWrite(long after, bool diskFull)
    {
        lock (Gate)
        {
            _writesUntilFault = after;
            _writeFaultIsDiskFull = diskFull;
        }
    }

    /// <summary>Lets the sync after so many more fail with EIO; what it should have made durable is kept, dropped or
    /// torn, and counts as clean from then on.</summary>
    public void FailSync(long after)
    {
        lock (Gate)
        {
            _syncsUntilFault = after;
        }
    }

    /// <summary>Takes back faults that have not happened; a full disk has room again.</summary>
    public void ClearFaults()
    {
        lock (Gate)
        {
            _writesUntilFault = _syncsUntilFault = long.MaxValue;
        }
    }

    /// <summary>Power fails: open handles die, and what was not synced survives by chance.</summary>
    public void Crash(Prng prng)
    {
        lock (Gate)
        {
            Life++;
            ClearFaults();
            foreach (NameChange change in _changes)
            {
                if (prng.Chance(500_000))
                {
                    Apply(_durableNames, change);
                }
            }

            _changes.Clear();
            var known = new SortedDictionary<int, SimulatedNode>();
            foreach (SimulatedNode node in _durableNames.Values)
            {
                known[node.Id] = node;
            }

            foreach (SimulatedNode node in known.Values)
            {
                node.Crash(prng);
            }

            _names.Clear();
            foreach ((string path, SimulatedNode node) in _durableNames)
            {
                _names[path] = node;
            }
        }
    }

    /// <summary>Bit rot: turns one bit of a file over, durably.</summary>
    public void FlipBit(string path, long offset, int bit)
    {
        lock (Gate)
        {
            Find(path).FlipBit(offset, bit);
        }
    }

    /// <summary>Counts a write and throws when its turn to fail has come.</summary>
    internal void CountWrite(string path)
    {
        Writes++;
        if (_writesUntilFault > 0)
        {
            _writesUntilFault--;
            return;
        }

        if (_writeFaultIsDiskFull)
        {
            throw new IOException($"no space left on device: {path} (simulated)", NoSpaceError);
        }

        _writesUntilFault = long.MaxValue;
        throw new IOException($"input/output error: {path} (simulated)", IoError);
    }

    /// <summary>Makes a file durable, or leaves it half so when the sync's turn to fail has come.</summary>
    internal void Sync(string path, SimulatedNode node)
    {
        if (SyncFails())
        {
            node.FailSync(_faults);
            throw SyncFailedException.ForError(path, IoError, "simulated");
        }

        node.Sync();
    }

    private bool SyncFails()
    {
        Syncs++;
        if (_syncsUntilFault > 0)
        {
            _syncsUntilFault--;
            return false;
        }

        _syncsUntilFault = long.MaxValue;
        return true;
    }
}
