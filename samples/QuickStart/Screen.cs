using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading.Tasks;
using Spectre.Console;

namespace ShardSql.QuickStart;

/// <summary>What the reader sees: colours and a progress bar on a terminal, plain lines in a file or a pipe.</summary>
internal static class Screen
{
    private const int PlainSteps = 4;

    private static readonly bool s_isPlain = Console.IsOutputRedirected;

    public static void Headline(string text)
    {
        if (s_isPlain)
        {
            Console.WriteLine($"\n== {text}");
        }
        else
        {
            AnsiConsole.WriteLine();
            AnsiConsole.Write(new Rule($"[bold]{Markup.Escape(text)}[/]").LeftJustified());
        }
    }

    public static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    public static void Lines(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            Console.WriteLine("  " + line);
        }
    }

    public static void Figures(string what, TrafficLog log)
    {
        double p50 = log.PercentileMs(0.50);
        double p99 = log.PercentileMs(0.99);
        Line($"{what,-14} {log.PerSecond,8:N0} transfers/s   p50 {p50,7:0.00} ms   p99 {p99,7:0.00} ms");
        Line($"{"",-14} {log.Acknowledged.Count,8:N0} acknowledged, {log.Refused} refused, {log.Unknown} unknown");
    }

    /// <summary>Shows how far some work is; the work reports each step that is done.</summary>
    public static Task ProgressAsync(string what, int steps, Func<Action<int>, Task> work) =>
        s_isPlain ? PlainProgressAsync(what, steps, work) : BarAsync(what, steps, work);

    private static Task BarAsync(string what, int steps, Func<Action<int>, Task> work) =>
        AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn())
            .StartAsync(context =>
            {
                ProgressTask bar = context.AddTask(Markup.Escape(what), maxValue: steps);
                return work(done => bar.Increment(done));
            });

    private static Task PlainProgressAsync(string what, int steps, Func<Action<int>, Task> work)
    {
        int sum = 0;
        return work(done =>
        {
            int before = sum * PlainSteps / steps;
            sum += done;
            if (sum * PlainSteps / steps > before)
            {
                Line($"{what}: {sum:N0} of {steps:N0}");
            }
        });
    }
}
