using System;
using System.IO;

namespace ShardSql.Storage.Files;

/// <summary>A handle on a <see cref="SimulatedNode"/>, dead after a crash.</summary>
internal sealed class SimulatedFile : IDurableFile
{
    private readonly SimulatedFileSystem _system;
    private readonly SimulatedNode _node;
    private readonly int _life;
    private bool _closed;

    public SimulatedFile(SimulatedFileSystem system, string path, SimulatedNode node)
    {
        _system = system;
        Path = path;
        _node = node;
        _life = system.Life;
    }

    /// <inheritdoc />
    public string Path { get; }

    /// <inheritdoc />
    public long Length
    {
        get
        {
            lock (_system.Gate)
            {
                RequireAlive();
                return _node.Length;
            }
        }
    }

    /// <inheritdoc />
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        lock (_system.Gate)
        {
            RequireAlive();
            _system.CountWrite(Path);
            _node.Write(offset, bytes);
        }
    }

    /// <inheritdoc />
    public int Read(long offset, Span<byte> buffer)
    {
        lock (_system.Gate)
        {
            RequireAlive();
            return _node.Read(offset, buffer);
        }
    }

    /// <inheritdoc />
    public void Preallocate(long length)
    {
        lock (_system.Gate)
        {
            RequireAlive();
            _system.CountWrite(Path);
            _node.Preallocate(length);
        }
    }

    /// <inheritdoc />
    public void Sync()
    {
        lock (_system.Gate)
        {
            RequireAlive();
            _system.Sync(Path, _node);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _closed = true;

    private void RequireAlive()
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        if (_life != _system.Life)
        {
            throw new IOException($"{Path} was open when the power failed");
        }
    }
}
