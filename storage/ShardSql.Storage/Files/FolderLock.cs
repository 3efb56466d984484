using System;
using System.Globalization;
using System.IO;
using System.Text;

using Microsoft.Win32.SafeHandles;

namespace ShardSql.Storage.Files;

/// <summary>
/// Keeps a data folder to one process for as long as it lives; the system drops the lock with the process. The lock
/// file stays behind: removing it would race with the next holder.
/// </summary>
public sealed class FolderLock : IDisposable
{
    private const string FileName = "lock";
    private const int PidBytesMax = 32;

    private readonly SafeFileHandle _handle;

    private FolderLock(SafeFileHandle handle) => _handle = handle;

    /// <summary>Locks a folder, which is created where missing.</summary>
    /// <exception cref="FolderLockedException">Another process has it; the text says which.</exception>
    public static FolderLock Acquire(string folder)
    {
        DiskFileSystem.Instance.CreateFolder(folder);
        string path = Path.Combine(folder, FileName);
        SafeFileHandle handle;
        try
        {
            // On Windows the share mode is the lock; elsewhere it is flock below, which no environment switch turns off.
            handle = File.OpenHandle(
                path,
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                OperatingSystem.IsWindows() ? FileShare.Read : FileShare.ReadWrite);
        }
        catch (IOException exception) when (OperatingSystem.IsWindows())
        {
            throw new FolderLockedException(Describe(folder, path), exception);
        }

        if (!NativeFiles.TryLock(handle))
        {
            handle.Dispose();
            throw new FolderLockedException(Describe(folder, path));
        }

        // Fixed width, so that a longer pid of an earlier holder leaves no digits behind.
        string pid = Environment.ProcessId.ToString(CultureInfo.InvariantCulture).PadRight(PidBytesMax);
        RandomAccess.Write(handle, Encoding.ASCII.GetBytes(pid), 0);
        return new FolderLock(handle);
    }

    /// <inheritdoc />
    public void Dispose() => _handle.Dispose();

    private static string Describe(string folder, string path)
    {
        byte[] text = new byte[PidBytesMax];
        using SafeFileHandle reader = File.OpenHandle(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        int read = RandomAccess.Read(reader, text, 0);
        string pid = Encoding.ASCII.GetString(text, 0, read).Trim();
        return $"data folder {Path.GetFullPath(folder)} is locked by process {(pid.Length == 0 ? "unknown" : pid)}";
    }
}
