using System;

namespace ShardSql.Storage.Files;

/// <summary>An open file whose writes are durable once <see cref="Sync"/> has returned. One thread at a time.</summary>
public interface IDurableFile : IDisposable
{
    /// <summary>Where it is, as it was opened; a rename does not change it.</summary>
    string Path { get; }

    /// <summary>Its length in bytes.</summary>
    long Length { get; }

    /// <summary>Writes all the bytes, growing the file where needed.</summary>
    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Reads until the buffer is full or the file ends; returns how many bytes.</summary>
    int Read(long offset, Span<byte> buffer);

    /// <summary>Grows the file to a length, its new part written with zeros, so that later writes change no metadata
    /// and a sync is one write of the disk.</summary>
    void Preallocate(long length);

    /// <summary>Makes all writes so far durable.</summary>
    /// <exception cref="SyncFailedException">The node must end: the pages are marked clean, a second try would lie.
    /// </exception>
    void Sync();
}
