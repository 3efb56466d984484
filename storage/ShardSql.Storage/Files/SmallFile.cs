using System;
using System.IO;

using ShardSql.Primitives;

namespace ShardSql.Storage.Files;

/// <summary>A file of a few hundred bytes that is read whole and replaced whole: content ‖ CRC32C.</summary>
internal static class SmallFile
{
    private const int BytesMax = 64 * 1024;
    private const int CrcLength = sizeof(uint);

    /// <summary>The content, or null when there is no file.</summary>
    /// <exception cref="DataRefusedException">It is damaged.</exception>
    public static byte[]? Read(IFileSystem files, string path)
    {
        if (!files.Exists(path))
        {
            return null;
        }

        using IDurableFile file = files.Open(path);
        byte[] bytes = new byte[BytesMax];
        int length = file.Read(0, bytes);
        if (length < CrcLength || Crc32C.Compute(bytes.AsSpan(0, length - CrcLength)) != StoredCrc(bytes.AsSpan(0, length)))
        {
            throw new DataRefusedException($"{path} is damaged");
        }

        return bytes[..(length - CrcLength)];
    }

    /// <summary>Replaces the content; it is durable when this returns.</summary>
    public static void Write(IFileSystem files, string path, ReadOnlySpan<byte> content)
    {
        Invariant.Check(content.Length <= BytesMax - CrcLength, "A small file stays small.");
        var writer = new ByteWriter(content.Length + CrcLength);
        writer.WriteRaw(content);
        writer.WriteUInt32(Crc32C.Compute(content));
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
        files.SyncFolder(Path.GetDirectoryName(path)!);
    }

    private static uint StoredCrc(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes[^CrcLength..]);
        return reader.ReadUInt32();
    }
}
