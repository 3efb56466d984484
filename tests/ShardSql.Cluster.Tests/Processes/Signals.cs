using System;
using System.ComponentModel;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;

namespace ShardSql.Cluster.Tests.Processes;

/// <summary>kill(2), to processes that the test itself started.</summary>
internal static partial class Signals
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    /// <summary>Sends a signal to one process.</summary>
    public static void Send(int processId, int signal)
    {
        if (SendCore(processId, signal) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Whether this process ignores a signal, and with it those that it starts: a shell's background job does
    /// so with SIGINT.</summary>
    public static bool IsIgnored(int signal)
    {
        const string Mark = "SigIgn:";
        string? line = File.ReadLines("/proc/self/status").FirstOrDefault(one => one.StartsWith(Mark, StringComparison.Ordinal));
        return line is not null
            && ((ulong.Parse(line.AsSpan(Mark.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> (signal - 1)) & 1) == 1;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendCore(int processId, int signal);
}
