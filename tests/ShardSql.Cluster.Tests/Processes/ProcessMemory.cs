using System;
using System.Globalization;
using System.IO;
using System.Linq;

namespace ShardSql.Cluster.Tests.Processes;

/// <summary>Resident memory of a process, bytes, as Linux counts it.</summary>
internal sealed class ProcessMemory(int processId)
{
    private readonly string _folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}");

    /// <summary>Whether this system can tell.</summary>
    public static bool IsKnown => OperatingSystem.IsLinux() && File.Exists("/proc/self/clear_refs");

    /// <summary>Now.</summary>
    public long Resident => Field("VmRSS:");

    /// <summary>The most since the last <see cref="ResetPeak"/>.</summary>
    public long Peak => Field("VmHWM:");

    /// <summary>Forgets the peak; proc(5), clear_refs.</summary>
    public void ResetPeak() => File.WriteAllText(Path.Combine(_folder, "clear_refs"), "5");

    private long Field(string name)
    {
        string line = File.ReadLines(Path.Combine(_folder, "status"))
            .First(line => line.StartsWith(name, StringComparison.Ordinal));
        string kibibytes = line[name.Length..].Trim().Split(' ')[0];
        return long.Parse(kibibytes, CultureInfo.InvariantCulture) << 10;
    }
}
