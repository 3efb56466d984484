using System;
using System.Collections.Generic;
using System.Linq;

using Xunit;
using Xunit.Abstractions;

namespace ShardSql.Tests.Fuzz.Sqlite;

/// <summary>Random portable statements: SQLite, one shard and four shards agree, on every machine.</summary>
public sealed class SqliteFuzzTests(ITestOutputHelper output)
{
    private const int Statements = 6_000;
    private const int StatementsPerDatabase = 500;
    private const int MostDifferences = 12;

    [Fact]
    public void Statements_give_what_SQLite_gives_on_one_shard_and_on_four()
    {
        int count = FuzzRun.Count(Statements);
        int refusals = 0;
        int rows = 0;
        var differences = new List<string>();
        for (int first = 0; first < count && differences.Count < MostDifferences; first += StatementsPerDatabase)
        {
            using var comparison = new SqliteComparison();
            for (int i = first; i < Math.Min(count, first + StatementsPerDatabase) && differences.Count < MostDifferences; i++)
            {
                TypedStatement statement = new PortableStatements(FuzzRun.For(i)).Next();
                differences.AddRange(comparison.Run(statement).Select(difference => FuzzRun.Say(i, difference)));
            }

            refusals += comparison.Refusals;
            rows += comparison.Rows;
        }

        Assert.True(differences.Count == 0, string.Join("\n\n", differences));
        output.WriteLine($"{count} statements, {rows} rows, {refusals} statements refused by all");
        Assert.InRange(refusals, 1, count / 4);
        Assert.True(rows > count, "the tables were empty");
    }

    [Theory]
    [InlineData("rows")]
    [InlineData("values")]
    [InlineData("refusals")]
    public void Difference_of_a_reference_that_is_wrong_is_found(string wrong)
    {
        int statement = 0;
        string Lie(string outcome) => ++statement < 300 ? outcome : wrong switch
        {
            "rows" => outcome.Contains(" / ", StringComparison.Ordinal) ? outcome[(outcome.IndexOf(" / ", StringComparison.Ordinal) + 3)..] : outcome,
            "values" => outcome.Replace("NULL", "0", StringComparison.Ordinal),
            _ => outcome == "refused" ? "1" : outcome,
        };
        using var comparison = new SqliteComparison { Told = Lie };
        Assert.Contains(
            Enumerable.Range(0, StatementsPerDatabase), i => comparison.Run(new PortableStatements(FuzzRun.For(i)).Next()).Any());
    }
}
