using System;
using System.Globalization;
using System.IO;

using Microsoft.Win32.SafeHandles;

namespace ShardSql.Storage.Files;

/// <summary>
/// Keeps a data folder to one process for as long as it lives; the system drops the lock with the process. Its files
/// stay behind: removing them would race with the next holder.
/// </summary>
public sealed class FolderLock : IDisposable
{
    private const string LockName = "lock";
    private const string PidName = "lock.pid"; // Apart, since nobody else can read a locked file.

    private readonly SafeFileHandle _handle;

    private FolderLock(SafeFileHandle handle) => _handle = handle;

    /// <summary>Locks a folder, which is created where missing.</summary>
    /// <exception cref="FolderLockedException">Another process has it; the text says which.</exception>
    public static FolderLock Acquire(string folder)
    {
        DiskFileSystem.Instance.CreateFolder(folder);
        SafeFileHandle handle;
        try
        {
            handle = File.OpenHandle(
                Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (IsSharingViolation(exception))
        {
            throw new FolderLockedException(Describe(folder), exception);
        }

        // An environment variable can turn off the runtime's own lock; this one stays.
        if (!NativeFiles.TryLock(handle))
        {
            handle.Dispose();
            throw new FolderLockedException(Describe(folder));
        }

        File.WriteAllText(
            Path.Combine(folder, PidName), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        return new FolderLock(handle);
    }

    /// <inheritdoc />
    public void Dispose() => _handle.Dispose();

    private static bool IsSharingViolation(IOException exception)
    {
        const int wouldBlockLinux = 11;
        const int wouldBlockMac = 35;
        const int sharingViolationWindows = unchecked((int)0x80070020);
        return exception.HResult is wouldBlockLinux or wouldBlockMac or sharingViolationWindows;
    }

    private static string Describe(string folder)
    {
        string pidPath = Path.Combine(folder, PidName);
        string pid = File.Exists(pidPath) ? File.ReadAllText(pidPath).Trim() : "";
        return $"data folder {Path.GetFullPath(folder)} is locked by process {(pid.Length == 0 ? "unknown" : pid)}";
    }
}
