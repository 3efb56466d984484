using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;

namespace ShardSql.Benchmarks.Reports;

/// <summary>Where figures were measured.</summary>
internal static class Machine
{
    private const double BytesPerGib = 1024.0 * 1024 * 1024;

    /// <summary>One line: processors, memory, system, runtime, file system.</summary>
    public static string Describe(string folder) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Environment.ProcessorCount} × {Processor()}, "
        + $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / BytesPerGib:0} GiB, "
        + $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}, {FileSystem(folder)}");

    /// <summary>Who else is at work: the load averages of one, five and fifteen minutes.</summary>
    public static string Load() => FirstLine("/proc/loadavg", _ => true) is { } line
        ? string.Join(", ", line.Split(' ')[..3])
        : "unknown";

    private static string Processor() =>
        FirstLine("/proc/cpuinfo", line => line.StartsWith("model name", StringComparison.Ordinal)) is { } line
            ? line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            : RuntimeInformation.ProcessArchitecture.ToString();

    /// <summary>The mount with the longest path that holds the folder.</summary>
    private static string FileSystem(string folder) => File.Exists("/proc/mounts")
        ? File.ReadLines("/proc/mounts")
            .Select(line => line.Split(' '))
            .Where(mount => folder.StartsWith(mount[1], StringComparison.Ordinal))
            .OrderByDescending(mount => mount[1].Length)
            .Select(mount => $"{mount[2]} on {mount[0]}")
            .FirstOrDefault("unknown file system")
        : "unknown file system";

    private static string? FirstLine(string path, Func<string, bool> wanted) =>
        File.Exists(path) ? File.ReadLines(path).FirstOrDefault(wanted) : null;
}
