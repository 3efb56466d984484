using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading.Tasks;
using ShardSql.Data;
using ShardSql.Gateway.Hosting;

namespace ShardSql.Benchmarks.Parsing;

/// <summary>IN lists as Dapper writes them, of every length: how many statements the gateway tells apart, and the median of
/// an execution. The other side is the same list with a literal in front, which is not folded.</summary>
/// <param name="Lengths">Lengths that were run, twice each.</param>
/// <param name="FoldedStatements">Statements that the gateway knew of them afterwards.</param>
/// <param name="FoldedMs">Median of the first execution of each length.</param>
/// <param name="PlainStatements">The same of the other side.</param>
/// <param name="PlainMs">The same of the other side.</param>
internal sealed record ListCost(int Lengths, long FoldedStatements, double FoldedMs, long PlainStatements, double PlainMs)
{
    private const int Longest = 1_000;
    private const int Step = 9;

    /// <summary>Runs both sides in turn, length by length.</summary>
    public static async Task<ListCost> MeasureAsync()
    {
        await using EmbeddedCluster cluster = await EmbeddedCluster.StartAsync(
            new EmbeddedClusterOptions { Name = "lists", Nodes = 1, Shards = 4, Store = "memory" });
        await using ShardSqlDataSource source = ShardSqlDataSource.Create(cluster.ConnectionString);
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await RunAsync(connection, "CREATE TABLE t (id int PRIMARY KEY)");
        await RunAsync(connection, $"INSERT INTO t VALUES {string.Join(", ", Enumerable.Range(0, Longest).Select(i => $"({i})"))}");
        var folded = new List<double>();
        var plain = new List<double>();
        int[] lengths = [.. Enumerable.Range(0, Longest).Where(i => i % Step == 0).Select(i => i + 1)];
        foreach (int length in lengths)
        {
            folded.Add(await ListAsync(connection, "", length));
            plain.Add(await ListAsync(connection, "-1,", length));
            await ListAsync(connection, "", length);
            await ListAsync(connection, "-1,", length);
        }

        return new ListCost(
            lengths.Length, await StatementsAsync(connection, "$$"), Median(folded), await StatementsAsync(connection, "- 1"), Median(plain));
    }

    private static async Task<double> ListAsync(ShardSqlConnection connection, string front, int length)
    {
        string names = string.Join(",", Enumerable.Range(1, length).Select(i => $"@ids{i}"));
        await using var command = new ShardSqlCommand($"SELECT id FROM t WHERE id IN ({front}{names})", connection);
        for (int i = 1; i <= length; i++)
        {
            command.Parameters.AddWithValue($"ids{i}", i - 1);
        }

        long began = Stopwatch.GetTimestamp();
        await using ShardSqlDataReader reader = await command.ExecuteReaderAsync();
        int rows = 0;
        while (await reader.ReadAsync())
        {
            rows++;
        }

        return rows == length
            ? Stopwatch.GetElapsedTime(began).TotalMilliseconds
            : throw new BenchmarkException($"A list of {length} found {rows} rows.");
    }

    private static async Task<long> StatementsAsync(ShardSqlConnection connection, string mark)
    {
        await using var command = new ShardSqlCommand(
            "SELECT count(*) FROM shard.statements WHERE position('FROM t WHERE' IN digest) > 0 AND position('$$' IN digest) "
                + (mark == "$$" ? "> 0" : "= 0"),
            connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task RunAsync(ShardSqlConnection connection, string text)
    {
        await using var command = new ShardSqlCommand(text, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
