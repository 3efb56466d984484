using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;

namespace ShardSql.Storage.Files;

/// <summary>
/// Real files whose unsynced bytes and names stay in this process's memory until they are synced. The page cache
/// survives SIGKILL, so a log that never syncs would pass a test that kills; over this layer the kill is a power cut.
/// For tests only; <see cref="FileSystems.FromEnvironment"/> guards it.
/// </summary>
public sealed class LazyFileSystem : IFileSystem
{
    private readonly Lock _gate = new();
    private readonly IFileSystem _inner;
    private readonly bool _lies;
    private readonly SyncBudget? _budget;
    private readonly Dictionary<string, LazyNode?> _names = new(StringComparer.Ordinal);
    private readonly List<NameChange> _changes = [];

    /// <summary>A lazy layer over a file system.</summary>
    /// <param name="inner">The file system below.</param>
    /// <param name="lies">Whether syncs report success and make nothing durable.</param>
    /// <param name="syncs">How many syncs succeed; all later ones fail with EIO. Null: all succeed.</param>
    public LazyFileSystem(IFileSystem inner, bool lies = false, int? syncs = null)
    {
        _inner = inner;
        _lies = lies;
        _budget = syncs is { } count ? new SyncBudget(count) : null;
    }

    private enum ChangeKind
    {
        Create,
        Rename,
        Delete,
    }

    /// <inheritdoc />
    public IDurableFile Open(string path)
    {
        lock (_gate)
        {
            LazyNode node = Find(path) ?? throw new FileNotFoundException($"no such file: {path}", path);
            return new LazyFile(path, node, _budget);
        }
    }

    /// <inheritdoc />
    public IDurableFile Create(string path)
    {
        lock (_gate)
        {
            if (Find(path) is not null)
            {
                throw new IOException($"file exists: {path}");
            }

            var node = new LazyNode(null, _lies);
            _names[path] = node;
            _changes.Add(new NameChange(ChangeKind.Create, path, null, node));
            return new LazyFile(path, node, _budget);
        }
    }

    /// <inheritdoc />
    public bool Exists(string path)
    {
        lock (_gate)
        {
            return _names.TryGetValue(path, out LazyNode? node) ? node is not null : _inner.Exists(path);
        }
    }

    /// <inheritdoc />
    public void CreateFolder(string folder) => _inner.CreateFolder(folder);

    /// <inheritdoc />
    public (long Free, long Size) SpaceOf(string folder) => DiskFileSystem.Instance.SpaceOf(folder);

    /// <inheritdoc />
    public IReadOnlyList<string> List(string folder)
    {
        folder = Path.TrimEndingDirectorySeparator(folder);
        lock (_gate)
        {
            var names = new SortedSet<string>(_inner.List(folder), StringComparer.Ordinal);
            foreach ((string path, LazyNode? node) in _names)
            {
                if (Path.GetDirectoryName(path) != folder)
                {
                    continue;
                }

                if (node is null)
                {
                    names.Remove(Path.GetFileName(path));
                }
                else
                {
                    names.Add(Path.GetFileName(path));
                }
            }

            return [.. names];
        }
    }

    /// <inheritdoc />
    public void Rename(string from, string to)
    {
        lock (_gate)
        {
            LazyNode node = Find(from) ?? throw new FileNotFoundException($"no such file: {from}", from);
            _names[from] = null;
            _names[to] = node;
            _changes.Add(new NameChange(ChangeKind.Rename, from, to, node));
        }
    }

    /// <inheritdoc />
    public void Delete(string path)
    {
        lock (_gate)
        {
            if (Find(path) is { } node)
            {
                _names[path] = null;
                _changes.Add(new NameChange(ChangeKind.Delete, path, null, node));
            }
        }
    }

    /// <inheritdoc />
    public void SyncFolder(string folder)
    {
        if (_lies)
        {
            return;
        }

        folder = Path.TrimEndingDirectorySeparator(folder);
        lock (_gate)
        {
            foreach (NameChange change in _changes)
            {
                if (Path.GetDirectoryName(change.Path) == folder)
                {
                    Apply(change);
                }
            }

            _changes.RemoveAll(change => Path.GetDirectoryName(change.Path) == folder);
            _inner.SyncFolder(folder);
        }
    }

    private void Apply(NameChange change)
    {
        switch (change.Kind)
        {
            case ChangeKind.Create:
                change.Node.GiveFile(_inner.Create(change.Path));
                break;
            case ChangeKind.Rename:
                _inner.Rename(change.Path, change.To!);
                break;
            default:
                _inner.Delete(change.Path);
                break;
        }
    }

    private LazyNode? Find(string path)
    {
        if (!_names.TryGetValue(path, out LazyNode? node) && _inner.Exists(path))
        {
            node = new LazyNode(_inner.Open(path), _lies);
            _names[path] = node;
        }

        return node;
    }

    private readonly record struct NameChange(ChangeKind Kind, string Path, string? To, LazyNode Node);
}
