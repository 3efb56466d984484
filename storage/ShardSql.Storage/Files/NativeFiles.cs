using System;
using System.IO;
using System.Runtime.InteropServices;

using Microsoft.Win32.SafeHandles;

namespace ShardSql.Storage.Files;

/// <summary>
/// The system's own sync calls, with their results looked at: .NET 10's Flush(true) and FlushToDisk were seen to report
/// success when fsync failed. Opening, reading and writing go through RandomAccess, which reports errors rightly.
/// </summary>
internal static partial class NativeFiles
{
    private const int Interrupted = 4; // EINTR, the same number on Linux and macOS
    private const int FullFsyncCommand = 51; // F_FULLFSYNC of macOS, where fsync leaves data in the drive's cache
    private const int CloseOnExecLinux = 0x80000;
    private const int CloseOnExecMac = 0x1000000;
    private const int LockExclusiveNonBlocking = 2 | 4; // LOCK_EX | LOCK_NB
    private const int InterruptRetriesMax = 1000;

    /// <summary>Makes a file's data durable; throws when the system says that it is not.</summary>
    public static void SyncData(SafeFileHandle handle, string path)
    {
        bool added = false;
        try
        {
            handle.DangerousAddRef(ref added);
            SyncData(handle.DangerousGetHandle(), path);
        }
        finally
        {
            if (added)
            {
                handle.DangerousRelease();
            }
        }
    }

    /// <summary>The same for a bare descriptor (or handle, on Windows).</summary>
    public static void SyncData(nint descriptor, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            if (!FlushFileBuffers(descriptor))
            {
                throw Failure(path, Marshal.GetLastPInvokeError());
            }

            return;
        }

        Check(
            path,
            (int)descriptor,
            OperatingSystem.IsMacOS()
                ? static fd => Fcntl(fd, FullFsyncCommand)
                : static fd => FdataSync(fd));
    }

    /// <summary>Makes a folder's names durable. NTFS journals names and cannot sync a folder, so nothing is done
    /// there.</summary>
    public static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = OpenReadOnly(folder, OperatingSystem.IsMacOS() ? CloseOnExecMac : CloseOnExecLinux);
        if (descriptor < 0)
        {
            throw Failure(folder, Marshal.GetLastPInvokeError());
        }

        try
        {
            Check(folder, descriptor, static fd => Fsync(fd));
        }
        finally
        {
            _ = Close(descriptor); // Nothing was written through it.
        }
    }

    /// <summary>Reserves blocks, so that a full disk shows before the log needs them. File systems without the call
    /// reserve by the zeros that are written next.</summary>
    public static void Reserve(SafeFileHandle handle, string path, long from, long length)
    {
        const int noSpace = 28; // ENOSPC
        if (OperatingSystem.IsLinux() && Fallocate(handle, 0, from, length) != 0
            && Marshal.GetLastPInvokeError() == noSpace)
        {
            throw new IOException($"no space left on device: {path}", noSpace);
        }
    }

    /// <summary>Takes an exclusive advisory lock; false when another holder has it.</summary>
    public static bool TryLock(SafeFileHandle handle) =>
        OperatingSystem.IsWindows() || Flock(handle, LockExclusiveNonBlocking) == 0;

    private static void Check(string path, int descriptor, Func<int, int> call)
    {
        int error = 0;
        for (int attempt = 0; attempt < InterruptRetriesMax; attempt++)
        {
            if (call(descriptor) == 0)
            {
                return;
            }

            error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
            {
                break;
            }
        }

        throw Failure(path, error);
    }

    private static SyncFailedException Failure(string path, int error) =>
        SyncFailedException.ForError(path, error, Marshal.GetPInvokeErrorMessage(error));

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FdataSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(int descriptor, int command);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenReadOnly(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int Fallocate(SafeFileHandle handle, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Flock(SafeFileHandle handle, int operation);

    [LibraryImport("kernel32", EntryPoint = "FlushFileBuffers", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool FlushFileBuffers(nint handle);
}
