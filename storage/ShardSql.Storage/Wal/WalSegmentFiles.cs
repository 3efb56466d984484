using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

using ShardSql.Storage.Files;

namespace ShardSql.Storage.Wal;

/// <summary>Names of a log's files: <c>log-N</c> for segment N, <c>spare-N</c> for files that wait to become one.
/// </summary>
internal static class WalSegmentFiles
{
    private const string SegmentPrefix = "log-";
    private const string SparePrefix = "spare-";

    /// <summary>Where a segment lies.</summary>
    public static string SegmentPath(string folder, ulong segment) => PathOf(folder, SegmentPrefix, segment);

    /// <summary>Where a spare file lies.</summary>
    public static string SparePath(string folder, ulong number) => PathOf(folder, SparePrefix, number);

    /// <summary>Numbers of the segments, rising.</summary>
    public static List<ulong> Segments(IFileSystem files, string folder) => Numbers(files, folder, SegmentPrefix);

    /// <summary>Numbers of the spares, rising.</summary>
    public static List<ulong> Spares(IFileSystem files, string folder) => Numbers(files, folder, SparePrefix);

    /// <summary>Makes a spare: zeros, synced, so that the log's writes to it change no metadata.</summary>
    public static void CreateSpare(IFileSystem files, string path, long bytes)
    {
        try
        {
            using IDurableFile file = files.Create(path);
            file.Preallocate(bytes);
            file.Sync();
        }
        catch (IOException)
        {
            files.Delete(path); // What fits of it must not fill the disk for good.
            throw;
        }
    }

    private static string PathOf(string folder, string prefix, ulong number) =>
        Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{prefix}{number:D16}"));

    private static List<ulong> Numbers(IFileSystem files, string folder, string prefix)
    {
        var numbers = new List<ulong>();
        foreach (string name in files.List(folder))
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal)
                && ulong.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out ulong n))
            {
                numbers.Add(n);
            }
        }

        numbers.Sort();
        return numbers;
    }
}
