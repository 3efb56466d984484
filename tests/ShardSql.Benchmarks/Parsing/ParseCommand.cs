using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Comparing;
using ShardSql.Benchmarks.Reports;
using ShardSql.Benchmarks.Servers;

namespace ShardSql.Benchmarks.Parsing;

/// <summary><c>parse</c>: what texts cost, lists of all lengths, and the first statement of a process against Npgsql's.
/// </summary>
internal static class ParseCommand
{
    private const int DefaultRounds = 7;

    public static Command Create()
    {
        var rounds = new Option<int>("--rounds")
        {
            Description = "Fresh processes of each kind.",
            DefaultValueFactory = _ => DefaultRounds,
        };
        var command = new Command("parse", "The cost of parsing, lists, and the first statement of a process.") { rounds };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(rounds)));
        return command;
    }

    /// <summary>The child of <see cref="ColdStart"/>.</summary>
    public static Command CreateChild()
    {
        var mode = new Argument<string>("mode");
        var connection = new Argument<string>("connection");
        var command = new Command(ColdStart.CommandName, "One fresh process of parse.") { mode, connection };
        command.Hidden = true;
        command.SetAction((parsed, _) => ColdStart.MeasureAsync(
            parsed.GetRequiredValue(mode), parsed.GetRequiredValue(connection)));
        return command;
    }

    private static async Task<int> RunAsync(int rounds)
    {
        // Not a private folder: PostgreSQL's own user must get there.
        string folder = Path.Combine(Path.GetTempPath(), "shardsql-" + Path.GetRandomFileName());
        Directory.CreateDirectory(folder);
        var text = new StringBuilder("# Parsing\n\nMade by `dotnet run -c Release --project tests/ShardSql.Benchmarks -- parse`\n");
        text.Append(CultureInfo.InvariantCulture, $"on {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, {Machine.Describe(folder)}; load {Machine.Load()}.\n\n");
        await FirstStatementsAsync(text, rounds, folder);
        Texts(text);
        await ListsAsync(text);
        await File.WriteAllTextAsync(Path.Combine(CompareCommand.DefaultResults(), "parse.md"), text.ToString());
        Console.WriteLine(text);
        Directory.Delete(folder, recursive: true);
        return 0;
    }

    private static async Task FirstStatementsAsync(StringBuilder text, int rounds, string folder)
    {
        await using ShardSqlCluster cluster = await ShardSqlCluster.StartAsync(folder, new ClusterShape(BaseStore.Best(), false));
        await using PostgresServer? postgres = PostgresServer.IsInstalled
            ? await PostgresServer.CreateAsync(Path.Combine(folder, "pg"))
            : null;
        var ours = new List<double[]>();
        var embedded = new List<double[]>();
        var parser = new List<double[]>();
        var theirs = new List<double[]>();
        for (int i = 0; i < rounds; i++)
        {
            ours.Add(await ColdStart.RunAsync(ColdStart.Remote, cluster.DataSource.ConnectionString));
            if (postgres is not null)
            {
                theirs.Add(await ColdStart.RunAsync(ColdStart.Postgres, postgres.DataSource.ConnectionString));
            }

            embedded.Add(await ColdStart.RunAsync(ColdStart.Embedded, "-"));
            parser.Add(await ColdStart.RunAsync(ColdStart.Parser, "-"));
        }

        text.Append("Fresh processes in turn; medians, and the median of the rounds' ratios (least–greatest).\n\n");
        text.Append("| fresh process, ms | open | first `SELECT 1` | second | both first |\n|---|---|---|---|---|\n");
        Append(text, "ours, servers on unix sockets", ours);
        Append(text, "ours, a cluster in the process", embedded);
        if (postgres is null)
        {
            text.Append("\nPostgreSQL is not installed: no peer.\n");
        }
        else
        {
            Append(text, "Npgsql and PostgreSQL, unix socket", theirs);
            text.Append(CultureInfo.InvariantCulture, $"| ratio to Npgsql | {Ratio(ours, theirs, r => r[0])} | {Ratio(ours, theirs, r => r[1])} ");
            text.Append(CultureInfo.InvariantCulture, $"| {Ratio(ours, theirs, r => r[2])} | {Ratio(ours, theirs, r => r[0] + r[1])} |\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"\nStart of the cluster in the process: {Median(embedded, r => r[3]):0} ms. ");
        text.Append(CultureInfo.InvariantCulture, $"The parser alone, not warmed: first text {Median(parser, r => r[0]):0.0} ms, second {Median(parser, r => r[1]):0.00} ms.\n\n");
    }

    private static void Texts(StringBuilder text)
    {
        text.Append("| text | new: µs | bytes | known: ns | bytes | known / new |\n|---|---|---|---|---|---|\n");
        foreach (ParseCost cost in ParseCost.MeasureAll())
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {cost.Name} | {cost.NewNanoseconds / 1000:0.0} | {cost.NewBytes:0} | {cost.KnownNanoseconds:0} | {cost.KnownBytes:0} "
                + $"| {cost.KnownNanoseconds / cost.NewNanoseconds:0.0000} |\n");
        }
    }

    private static async Task ListsAsync(StringBuilder text)
    {
        ListCost cost = await ListCost.MeasureAsync();
        text.Append(
            CultureInfo.InvariantCulture,
            $"\nIN lists of {cost.Lengths} lengths from 1 to 1000, four shards in the process: {cost.FoldedStatements} statement and plan; "
            + $"with a literal in front, which is not folded, {cost.PlainStatements}. "
            + $"Median of a length that comes first: {cost.FoldedMs / cost.PlainMs:0.00} of the unfolded.\n");
    }

    private static void Append(StringBuilder text, string name, List<double[]> rounds) => text.Append(
        CultureInfo.InvariantCulture,
        $"| {name} | {Median(rounds, r => r[0]):0} | {Median(rounds, r => r[1]):0} | {Median(rounds, r => r[2]):0.0} | {Median(rounds, r => r[0] + r[1]):0} |\n");

    private static double Median(List<double[]> rounds, Func<double[], double> of) =>
        rounds.Select(of).Order().ElementAt(rounds.Count / 2);

    private static string Ratio(List<double[]> ours, List<double[]> theirs, Func<double[], double> of)
    {
        double[] ratios = [.. ours.Zip(theirs, (a, b) => of(a) / of(b)).Order()];
        return string.Create(CultureInfo.InvariantCulture, $"{ratios[ratios.Length / 2]:0.00} ({ratios[0]:0.00}–{ratios[^1]:0.00})");
    }
}
