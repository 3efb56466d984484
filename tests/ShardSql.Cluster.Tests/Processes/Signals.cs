using System.ComponentModel;
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

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendCore(int processId, int signal);
}
