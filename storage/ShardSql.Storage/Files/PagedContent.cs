using System;
using System.Collections.Generic;

namespace ShardSql.Storage.Files;

/// <summary>Bytes of a file as sparse 4 KiB pages; what is not there reads as zeros. A stored page never changes: a
/// write replaces it, so that versions can be kept.</summary>
internal sealed class PagedContent
{
    /// <summary>The unit in which the page cache writes back.</summary>
    public const int PageBytes = 4096;

    /// <summary>Page number to content.</summary>
    public SortedDictionary<long, byte[]> Pages { get; } = [];

    /// <summary>The page, or null for one that was never written.</summary>
    public byte[]? Find(long page) => Pages.GetValueOrDefault(page);

    /// <summary>A copy of a page with some bytes replaced.</summary>
    public static byte[] With(byte[]? page, int offset, ReadOnlySpan<byte> bytes)
    {
        byte[] next = page is null ? new byte[PageBytes] : GC.AllocateUninitializedArray<byte>(PageBytes);
        page?.CopyTo(next, 0);
        bytes.CopyTo(next.AsSpan(offset));
        return next;
    }

    /// <summary>Splits a stretch of a file into its parts per page, first to last.</summary>
    public static IEnumerable<(long Page, int Offset, int Start, int Count)> Split(long offset, int count)
    {
        int done = 0;
        while (done < count)
        {
            long page = (offset + done) / PageBytes;
            int inside = (int)((offset + done) % PageBytes);
            int part = Math.Min(PageBytes - inside, count - done);
            yield return (page, inside, done, part);
            done += part;
        }
    }
}
