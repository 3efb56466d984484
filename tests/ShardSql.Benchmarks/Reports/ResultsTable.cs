using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace ShardSql.Benchmarks.Reports;

/// <summary>results.md: the command, the machine, the table and what to know about it.</summary>
internal static class ResultsTable
{
    private const string None = "–";

    /// <summary>The file's text.</summary>
    public static string Of(
        IReadOnlyList<ResultRow> rows,
        IReadOnlyList<string> notes,
        IReadOnlyList<string> sections,
        string command,
        string machine,
        string date)
    {
        var text = new StringBuilder();
        text.Append("# Compared with peers\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Made by `{command}`\non {date}, {machine}.\n\n");
        text.Append(
            "Figures are medians over rounds in which each side has one window in turn; the ratio is the median\n"
            + "(least–greatest) of the rounds' ratios. On a shared machine only ratios mean something. CPU is µs per\n"
            + "transaction over all processes, client included; in brackets the servers alone.\n\n");
        text.Append(
            "| row | measure | clients | ours | peer | ratio | goal | met "
            + "| p50 ms, ours / peer | p99 ms, ours / peer | CPU, ours / peer | rolled back |\n"
            + "|---|---|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (ResultRow row in rows)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {Row(row)} | {row.Measure} | {row.Clients} | {Figure(row.Ours)} {row.Unit} "
                + $"| {row.PeerName}: {Figure(row.Peer)} {row.Unit} "
                + $"| {row.Ratio:0.00} ({row.RatioMin:0.00}–{row.RatioMax:0.00}) "
                + $"| {row.Goal ?? None} | {Met(row)} "
                + $"| {Latencies(row.OursP50Ms, row.PeerP50Ms)} | {Latencies(row.OursP99Ms, row.PeerP99Ms)} "
                + $"| {Cpu(row)} "
                + $"| {row.OursRolledBack} / {row.PeerRolledBack} |\n");
        }

        text.Append('\n');
        foreach (string note in notes)
        {
            text.Append(CultureInfo.InvariantCulture, $"* {note}\n");
        }

        foreach (string section in sections)
        {
            text.Append('\n').Append(section);
        }

        return text.ToString();
    }

    private static string Row(ResultRow row) => row.Row?.ToString(CultureInfo.InvariantCulture) ?? None;

    private static string Met(ResultRow row) => row.Met switch
    {
        true => "yes",
        false => "no",
        null => None,
    };

    /// <summary>A workload without servers and clients has neither these nor the next.</summary>
    private static string Latencies(double ours, double peer) => ours == 0
        ? None
        : string.Create(CultureInfo.InvariantCulture, $"{ours:0.00} / {peer:0.00}");

    private static string Cpu(ResultRow row) => row.OursCpuMicroseconds == 0
        ? None
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{row.OursCpuMicroseconds:0} ({row.OursServerCpuMicroseconds:0}) "
            + $"/ {row.PeerCpuMicroseconds:0} ({row.PeerServerCpuMicroseconds:0})");

    private static string Figure(double value) =>
        value.ToString(value >= 100 ? "0" : "0.000", CultureInfo.InvariantCulture);
}
