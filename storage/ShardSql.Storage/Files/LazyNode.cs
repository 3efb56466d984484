using System;
using System.Collections.Generic;
using System.Threading;

namespace ShardSql.Storage.Files;

/// <summary>The content of a file of <see cref="LazyFileSystem"/>: the real file, if its name is durable already, below
/// pages that exist in memory only.</summary>
internal sealed class LazyNode
{
    private readonly Lock _gate = new();
    private readonly PagedContent _unsynced = new();
    private readonly PagedContent _syncedUnnamed = new();
    private readonly bool _lies;
    private IDurableFile? _file;
    private long _length;
    private long _syncedLength;

    /// <summary>A node over its real file; null for one whose name is not durable yet.</summary>
    public LazyNode(IDurableFile? file, bool lies)
    {
        _file = file;
        _lies = lies;
        _length = _syncedLength = file?.Length ?? 0;
    }

    /// <summary>Length as the process sees it.</summary>
    public long Length
    {
        get
        {
            lock (_gate)
            {
                return _length;
            }
        }
    }

    /// <summary>Keeps bytes in memory.</summary>
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            foreach ((long page, int inside, int start, int count) in PagedContent.Split(offset, bytes.Length))
            {
                byte[]? before = _unsynced.Find(page) ?? ReadBelow(page);
                _unsynced.Pages[page] = PagedContent.With(before, inside, bytes.Slice(start, count));
            }

            _length = Math.Max(_length, offset + bytes.Length);
        }
    }

    /// <summary>Reads what the process sees.</summary>
    public int Read(long offset, Span<byte> buffer)
    {
        lock (_gate)
        {
            int total = (int)Math.Clamp(_length - offset, 0, buffer.Length);
            foreach ((long page, int inside, int start, int count) in PagedContent.Split(offset, total))
            {
                byte[]? content = _unsynced.Find(page) ?? ReadBelow(page);
                Span<byte> target = buffer.Slice(start, count);
                if (content is null)
                {
                    target.Clear();
                }
                else
                {
                    content.AsSpan(inside, count).CopyTo(target);
                }
            }

            return total;
        }
    }

    /// <summary>Grows the file by zeros.</summary>
    public void Preallocate(long length)
    {
        lock (_gate)
        {
            _length = Math.Max(_length, length);
        }
    }

    /// <summary>Hands the unsynced bytes to the real file, or keeps them apart until there is one.</summary>
    public void Sync()
    {
        if (_lies)
        {
            return;
        }

        lock (_gate)
        {
            _syncedLength = _length;
            if (_file is null)
            {
                foreach ((long page, byte[] content) in _unsynced.Pages)
                {
                    _syncedUnnamed.Pages[page] = content;
                }
            }
            else
            {
                Flush(_file, _unsynced);
            }

            _unsynced.Pages.Clear();
        }
    }

    /// <summary>The name is durable: what was synced goes to the real file.</summary>
    public void GiveFile(IDurableFile file)
    {
        lock (_gate)
        {
            Flush(file, _syncedUnnamed);
            _syncedUnnamed.Pages.Clear();
            _file = file;
        }
    }

    private void Flush(IDurableFile file, PagedContent content)
    {
        file.Preallocate(_syncedLength);
        foreach ((long page, byte[] bytes) in content.Pages)
        {
            long offset = page * PagedContent.PageBytes;
            int count = (int)Math.Clamp(_syncedLength - offset, 0, bytes.Length);
            file.Write(offset, bytes.AsSpan(0, count));
        }

        file.Sync();
    }

    private byte[]? ReadBelow(long page)
    {
        if (_file is null)
        {
            return _syncedUnnamed.Find(page);
        }

        byte[] content = new byte[PagedContent.PageBytes];
        return _file.Read(page * PagedContent.PageBytes, content) == 0 ? null : content;
    }
}
