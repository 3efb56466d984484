using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;

using ShardSql.Primitives;

namespace ShardSql.Storage.Files;

/// <summary>
/// A disk in memory for the simulator: a durable image, and of each file the page versions written since its last sync.
/// A crash keeps, drops or tears (at 512 bytes) each pending page, and keeps or drops each pending change of a name,
/// independently. The same seed and calls give the same disk. Folders always exist. It also serves a cluster in memory, so
/// it may be called from several threads.
/// </summary>
public sealed partial class SimulatedFileSystem : IFileSystem
{
    private const int NoSpaceError = 28; // ENOSPC
    private const int IoError = 5; // EIO

    private readonly SortedDictionary<string, SimulatedNode> _names = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SimulatedNode> _durableNames = new(StringComparer.Ordinal);
    private readonly List<NameChange> _changes = [];
    private readonly Prng _faults;
    private long _writesUntilFault = long.MaxValue;
    private long _syncsUntilFault = long.MaxValue;
    private bool _writeFaultIsDiskFull;
    private int _nodes;

    /// <summary>An empty disk; the seed decides what a failed sync leaves behind.</summary>
    public SimulatedFileSystem(ulong seed = 0) => _faults = new Prng(seed);

    /// <summary>Writes and preallocations so far.</summary>
    public long Writes { get; private set; }

    /// <summary>Syncs of files and folders so far.</summary>
    public long Syncs { get; private set; }

    /// <summary>Held by each call.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>Counts crashes; a handle of an earlier life is dead.</summary>
    internal int Life { get; private set; }

    /// <summary>All bytes of a file, as a reader would see them now.</summary>
    public byte[] ReadAll(string path)
    {
        lock (Gate)
        {
            SimulatedNode node = Find(path);
            byte[] bytes = new byte[node.Length];
            node.Read(0, bytes);
            return bytes;
        }
    }

    /// <summary>Puts a file there with this content, durably, in place of what had the name.</summary>
    public void Put(string path, ReadOnlySpan<byte> bytes)
    {
        lock (Gate)
        {
            var node = new SimulatedNode(NextId());
            node.Write(0, bytes);
            node.Sync();
            _names[path] = node;
            _durableNames[path] = node;
        }
    }

    /// <inheritdoc />
    public IDurableFile Open(string path)
    {
        lock (Gate)
        {
            return new SimulatedFile(this, path, Find(path));
        }
    }

    /// <inheritdoc />
    public IDurableFile Create(string path)
    {
        lock (Gate)
        {
            if (_names.ContainsKey(path))
            {
                throw new IOException($"file exists: {path}");
            }

            CountWrite(path);
            var node = new SimulatedNode(NextId());
            Change(new NameChange(null, path, node));
            return new SimulatedFile(this, path, node);
        }
    }

    /// <inheritdoc />
    public bool Exists(string path)
    {
        lock (Gate)
        {
            return _names.ContainsKey(path);
        }
    }

    /// <inheritdoc />
    public void CreateFolder(string folder)
    {
        // Folders always exist here.
    }

    /// <inheritdoc />
    public (long Free, long Size) SpaceOf(string folder) => (long.MaxValue, long.MaxValue);

    /// <inheritdoc />
    public IReadOnlyList<string> List(string folder)
    {
        lock (Gate)
        {
            folder = Path.TrimEndingDirectorySeparator(folder);
            var names = new List<string>();
            foreach (string path in _names.Keys)
            {
                if (Path.GetDirectoryName(path) == folder)
                {
                    names.Add(Path.GetFileName(path));
                }
            }

            names.Sort(StringComparer.Ordinal);
            return names;
        }
    }

    /// <inheritdoc />
    public void Rename(string from, string to)
    {
        lock (Gate)
        {
            Change(new NameChange(from, to, Find(from)));
        }
    }

    /// <inheritdoc />
    public void Delete(string path)
    {
        lock (Gate)
        {
            if (_names.TryGetValue(path, out SimulatedNode? node))
            {
                Change(new NameChange(path, null, node));
            }
        }
    }

    /// <inheritdoc />
    public void SyncFolder(string folder)
    {
        lock (Gate)
        {
            folder = Path.TrimEndingDirectorySeparator(folder);
            if (SyncFails())
            {
                throw SyncFailedException.ForError(folder, IoError, "simulated");
            }

            foreach (NameChange change in _changes)
            {
                if (change.IsIn(folder))
                {
                    Apply(_durableNames, change);
                }
            }

            _changes.RemoveAll(change => change.IsIn(folder));
        }
    }

    private static void Apply(SortedDictionary<string, SimulatedNode> names, NameChange change)
    {
        if (change.From is not null && names.TryGetValue(change.From, out SimulatedNode? old) && old == change.Node)
        {
            names.Remove(change.From);
        }

        if (change.To is not null)
        {
            names[change.To] = change.Node;
        }
    }

    private int NextId() => ++_nodes;

    private SimulatedNode Find(string path) =>
        _names.TryGetValue(path, out SimulatedNode? node)
            ? node
            : throw new FileNotFoundException($"no such file: {path}", path);

    private void Change(NameChange change)
    {
        Apply(_names, change);
        _changes.Add(change);
    }

    private readonly record struct NameChange(string? From, string? To, SimulatedNode Node)
    {
        public bool IsIn(string folder) => Path.GetDirectoryName(To ?? From) == folder;
    }
}
