using System;

using ShardSql.Storage.Files;

namespace ShardSql.Storage.Wal;

/// <summary>Reads a segment through a window that moves forward, so that small batches cost no call each.</summary>
internal sealed class WalSegmentReader : IDisposable
{
    private const int WindowBytes = 256 << 10;

    private readonly IDurableFile _file;
    private byte[] _window = new byte[WindowBytes];
    private long _start;
    private int _count;

    public WalSegmentReader(IDurableFile file)
    {
        _file = file;
        Length = file.Length;
    }

    /// <summary>Length of the file.</summary>
    public long Length { get; }

    /// <summary>So many bytes at an offset, fewer at the end of the file; valid until the next call.</summary>
    public ReadOnlySpan<byte> Read(long offset, int count)
    {
        count = (int)Math.Clamp(Length - offset, 0, count);
        if (offset < _start || offset + count > _start + _count)
        {
            if (count > _window.Length)
            {
                _window = new byte[count];
            }

            _start = offset;
            _count = _file.Read(offset, _window);
            count = Math.Min(count, _count);
        }

        return _window.AsSpan((int)(offset - _start), count);
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();
}
