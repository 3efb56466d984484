using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

namespace ShardSql.Benchmarks.Load;

/// <summary>CPU time of processes and of all that they started, from /proc.</summary>
internal static class ProcessTree
{
    // USER_HZ, which Linux fixes at 100 for what /proc shows on every architecture that .NET runs on.
    private const double TicksPerSecond = 100;

    // Fields of /proc/PID/stat counted after the command's closing bracket (proc(5) numbers them from 1).
    private const int ParentField = 1;
    private const int FirstTimeField = 11;
    private const int TimeFields = 4;

    /// <summary>User and system time of the trees below these roots, children that have ended included.</summary>
    public static TimeSpan CpuTime(IReadOnlyList<int> roots)
    {
        Dictionary<int, (int Parent, long Ticks)> all = ReadAll();
        var members = new HashSet<int>(roots);
        bool grows = true;
        while (grows)
        {
            grows = false;
            foreach ((int id, (int parent, _)) in all)
            {
                grows |= members.Contains(parent) && members.Add(id);
            }
        }

        long ticks = 0;
        foreach (int id in members)
        {
            ticks += all.TryGetValue(id, out (int Parent, long Ticks) process) ? process.Ticks : 0;
        }

        return TimeSpan.FromSeconds(ticks / TicksPerSecond);
    }

    private static Dictionary<int, (int Parent, long Ticks)> ReadAll()
    {
        var all = new Dictionary<int, (int Parent, long Ticks)>();
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
                && TryRead(folder, out (int Parent, long Ticks) process))
            {
                all[id] = process;
            }
        }

        return all;
    }

    /// <summary>False for a process that has ended since the folder was listed.</summary>
    private static bool TryRead(string folder, out (int Parent, long Ticks) process)
    {
        process = default;
        string text;
        try
        {
            text = File.ReadAllText(Path.Combine(folder, "stat"));
        }
        catch (IOException)
        {
            return false;
        }

        string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        long ticks = 0;
        for (int i = 0; i < TimeFields; i++)
        {
            ticks += long.Parse(fields[FirstTimeField + i], CultureInfo.InvariantCulture);
        }

        process = (int.Parse(fields[ParentField], CultureInfo.InvariantCulture), ticks);
        return true;
    }
}
