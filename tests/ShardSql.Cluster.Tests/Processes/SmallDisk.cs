using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Threading.Tasks;

namespace ShardSql.Cluster.Tests.Processes;

/// <summary>A file system in memory of a few megabytes, mounted on a folder for as long as this lives.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private const string Filler = "filler";

    private SmallDisk(string folder) => Folder = folder;

    /// <summary>Where it is.</summary>
    public string Folder { get; }

    /// <summary>Mounts one; null where this user may not.</summary>
    public static async Task<SmallDisk?> TryMountAsync(int mebibytes)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        string folder = Directory.CreateTempSubdirectory("cluster-tests-disk-").FullName;
        string size = string.Create(CultureInfo.InvariantCulture, $"size={mebibytes}m");
        if (await RunAsync("mount", "-t", "tmpfs", "-o", size, "tmpfs", folder) == 0)
        {
            return new SmallDisk(folder);
        }

        Directory.Delete(folder);
        return null;
    }

    /// <summary>Takes all space that is left.</summary>
    public void Fill()
    {
        long left = new DriveInfo(Folder).AvailableFreeSpace;
        using FileStream file = File.Create(Path.Combine(Folder, Filler));
        byte[] zeros = new byte[1 << 20];
        for (; left > 0; left -= zeros.Length)
        {
            file.Write(zeros, 0, (int)Math.Min(left, zeros.Length));
        }
    }

    /// <summary>Gives the space back.</summary>
    public void Free() => File.Delete(Path.Combine(Folder, Filler));

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await RunAsync("umount", Folder);
        Directory.Delete(Folder);
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
