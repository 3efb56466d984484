using System.Runtime.InteropServices;

namespace ShardSql.Benchmarks.Servers;

/// <summary>kill(2), for the polite end of a server.</summary>
internal static partial class NativeSignals
{
    public const int Interrupt = 2;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Send(int processId, int signal);
}
