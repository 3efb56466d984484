using System;
using System.Collections.Generic;
using System.IO;

namespace ShardSql.Storage.Files;

/// <summary>The operating system's files.</summary>
public sealed class DiskFileSystem : IFileSystem
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The one instance.</summary>
    public static DiskFileSystem Instance { get; } = new();

    private DiskFileSystem()
    {
    }

    /// <inheritdoc />
    public IDurableFile Open(string path) => DurableFile.Open(path, create: false);

    /// <inheritdoc />
    public IDurableFile Create(string path) => DurableFile.Open(path, create: true);

    /// <inheritdoc />
    public bool Exists(string path) => File.Exists(path);

    /// <inheritdoc />
    public void CreateFolder(string folder)
    {
        string full = Path.GetFullPath(folder);
        if (Directory.Exists(full))
        {
            return;
        }

        string? parent = Path.GetDirectoryName(full);
        if (parent is not null)
        {
            CreateFolder(parent);
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(full);
        }
        else
        {
            Directory.CreateDirectory(full, OwnerOnly);
        }

        if (parent is not null)
        {
            NativeFiles.SyncFolder(parent);
        }
    }

    /// <inheritdoc />
    public IReadOnlyList<string> List(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return [];
        }

        var names = new List<string>();
        foreach (string path in Directory.EnumerateFiles(folder))
        {
            names.Add(Path.GetFileName(path));
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }

    /// <inheritdoc />
    public (long Free, long Size) SpaceOf(string folder)
    {
        var disk = new DriveInfo(Path.GetFullPath(folder));
        return (disk.AvailableFreeSpace, disk.TotalSize);
    }

    /// <inheritdoc />
    public void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    /// <inheritdoc />
    public void Delete(string path) => File.Delete(path);

    /// <inheritdoc />
    public void SyncFolder(string folder) => NativeFiles.SyncFolder(folder);
}
