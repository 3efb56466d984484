using System;
using System.IO;

using ShardSql.Primitives;
using ShardSql.Storage.Files;

namespace ShardSql.Storage.Hosting;

/// <summary>
/// Counts a node's starts, synced before the first stamp is drawn: node id and boot number together are a stamp source
/// that was never used before (commit.md §1).
/// </summary>
internal static class BootCounter
{
    private const string Name = "boot";
    private const int NodeShift = 32;

    /// <summary>The source number of this start.</summary>
    public static ulong NextSource(IFileSystem files, string folder, NodeId node)
    {
        string path = Path.Combine(folder, Name);
        ulong boot = Read(files, path) + 1;
        Invariant.Check(boot <= uint.MaxValue, "A node starts fewer than 2³² times.");
        Write(files, folder, path, boot);
        return ((ulong)node.Value << NodeShift) | boot;
    }

    private static ulong Read(IFileSystem files, string path)
    {
        if (!files.Exists(path))
        {
            return 0;
        }

        using IDurableFile file = files.Open(path);
        byte[] bytes = new byte[12];
        int read = file.Read(0, bytes);
        var reader = new ByteReader(bytes.AsSpan(0, read));
        ulong boot = reader.ReadUInt64();
        uint crc = reader.ReadUInt32();
        if (reader.Failed || crc != Crc32C.Compute(bytes.AsSpan(0, 8)))
        {
            throw new DataRefusedException($"{path}: the boot counter is damaged");
        }

        return boot;
    }

    private static void Write(IFileSystem files, string folder, string path, ulong boot)
    {
        var writer = new ByteWriter(12);
        writer.WriteUInt64(boot);
        writer.WriteUInt32(Crc32C.Compute(writer.WrittenSpan));
        string next = path + ".next";
        if (files.Exists(next))
        {
            files.Delete(next);
        }

        using (IDurableFile file = files.Create(next))
        {
            file.Write(0, writer.WrittenSpan);
            file.Sync();
        }

        files.Rename(next, path);
        files.SyncFolder(folder);
    }
}
