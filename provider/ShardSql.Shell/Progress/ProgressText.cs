using System;
using System.Globalization;

namespace ShardSql.Shell.Progress;

/// <summary>A job's progress as a bar of one line, and in words.</summary>
internal static class ProgressText
{
    private const int MinBar = 10;
    private const int MaxBar = 40;

    /// <summary>A line with a bar, not wider than the terminal.</summary>
    public static string Bar(JobLook look, int width)
    {
        string words = $" {Words(look)}";
        int bar = Math.Clamp(width - words.Length - 3, MinBar, MaxBar);
        int full = bar * Math.Clamp(look.Percent, 0, 100) / 100;
        string line = $"[{new string('#', full)}{new string('-', bar - full)}]{words}";
        return line.Length < width ? line : line[..Math.Max(0, width - 1)];
    }

    /// <summary>A line where nobody looks at a terminal.</summary>
    public static string Line(long job, JobLook look) =>
        string.Create(CultureInfo.InvariantCulture, $"job {job}: {Words(look)}");

    private static string Words(JobLook look)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        string words = string.Create(culture, $"{look.Percent} %  {(look.State == "running" ? look.Phase : look.State)}");
        words += look.Steps > 1 ? string.Create(culture, $"  step {Math.Min(look.StepsDone + 1, look.Steps)} of {look.Steps}") : "";
        words += string.Create(culture, $"  {look.Rows:N0} rows");
        words += look.SecondsLeft is > 0 ? string.Create(culture, $"  {Left(look.SecondsLeft.Value)} left") : "";
        return look.WaitingFor.Length == 0 ? words : $"{words}  waits for {look.WaitingFor}";
    }

    private static string Left(long seconds) => seconds < 100
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds} s")
        : string.Create(CultureInfo.InvariantCulture, $"{seconds / 60} min");
}
