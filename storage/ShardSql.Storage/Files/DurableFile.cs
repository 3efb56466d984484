using System;
using System.IO;

using Microsoft.Win32.SafeHandles;

namespace ShardSql.Storage.Files;

/// <summary>A file of the operating system: the one class that knows fdatasync, F_FULLFSYNC and FlushFileBuffers.
/// </summary>
public sealed class DurableFile : IDurableFile
{
    private const int ZeroChunkBytes = 1 << 20;

    private readonly SafeFileHandle _handle;

    private DurableFile(string path, SafeFileHandle handle)
    {
        Path = path;
        _handle = handle;
    }

    /// <inheritdoc />
    public string Path { get; }

    /// <inheritdoc />
    public long Length => RandomAccess.GetLength(_handle);

    /// <summary>Opens a file that exists, or creates one that does not.</summary>
    public static DurableFile Open(string path, bool create)
    {
        SafeFileHandle handle = File.OpenHandle(
            path,
            create ? FileMode.CreateNew : FileMode.Open,
            FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete);
        if (create && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(handle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return new DurableFile(path, handle);
    }

    /// <summary>A durable file over a handle that the caller opened; it is closed with the file.</summary>
    public static DurableFile Over(string path, SafeFileHandle handle) => new(path, handle);

    /// <inheritdoc />
    public void Write(long offset, ReadOnlySpan<byte> bytes) => RandomAccess.Write(_handle, bytes, offset);

    /// <inheritdoc />
    public int Read(long offset, Span<byte> buffer)
    {
        int total = 0;
        while (total < buffer.Length)
        {
            int read = RandomAccess.Read(_handle, buffer[total..], offset + total);
            if (read == 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }

    /// <inheritdoc />
    public void Preallocate(long length)
    {
        long start = Length;
        if (start >= length)
        {
            return;
        }

        NativeFiles.Reserve(_handle, Path, start, length - start);
        byte[] zeros = new byte[(int)Math.Min(ZeroChunkBytes, length - start)];
        for (long offset = start; offset < length; offset += zeros.Length)
        {
            int count = (int)Math.Min(zeros.Length, length - offset);
            RandomAccess.Write(_handle, zeros.AsSpan(0, count), offset);
        }
    }

    /// <inheritdoc />
    public void Sync() => NativeFiles.SyncData(_handle, Path);

    /// <inheritdoc />
    public void Dispose() => _handle.Dispose();
}
