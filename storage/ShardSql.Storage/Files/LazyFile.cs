using System;

namespace ShardSql.Storage.Files;

/// <summary>A handle on a <see cref="LazyNode"/>. Closing it syncs nothing.</summary>
internal sealed class LazyFile : IDurableFile
{
    private readonly LazyNode _node;
    private readonly SyncBudget? _budget;

    public LazyFile(string path, LazyNode node, SyncBudget? budget)
    {
        Path = path;
        _node = node;
        _budget = budget;
    }

    /// <inheritdoc />
    public string Path { get; }

    /// <inheritdoc />
    public long Length => _node.Length;

    /// <inheritdoc />
    public void Write(long offset, ReadOnlySpan<byte> bytes) => _node.Write(offset, bytes);

    /// <inheritdoc />
    public int Read(long offset, Span<byte> buffer) => _node.Read(offset, buffer);

    /// <inheritdoc />
    public void Preallocate(long length) => _node.Preallocate(length);

    /// <inheritdoc />
    public void Sync()
    {
        _budget?.Spend(Path);
        _node.Sync();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        // The node lives with its file system, as the page cache outlives a descriptor.
    }
}
