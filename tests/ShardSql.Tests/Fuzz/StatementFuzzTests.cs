using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;

using Npgsql;

using ShardSql.Sql;
using ShardSql.Tests.Execution;

using Xunit;
using Xunit.Abstractions;

namespace ShardSql.Tests.Fuzz;

/// <summary>Random statements of known types: PostgreSQL, one shard and four shards agree, and so do parts of a query with
/// the whole.</summary>
public sealed class StatementFuzzTests(ITestOutputHelper output)
{
    private const int Statements = 2_500;
    private const int Partitions = 600;
    private const int StatementsPerDatabase = 1_000;
    private const int MostDifferences = 12;

    [PostgresFact]
    public async Task Statements_give_what_PostgreSQL_gives_on_one_shard_and_on_four()
    {
        await using PostgresOnSocket postgres = await PostgresOnSocket.StartAsync();
        await using NpgsqlConnection connection = await postgres.DataSource.OpenConnectionAsync();
        MemoryDatabase[] databases = [];
        int count = FuzzRun.Count(Statements);
        int failures = 0;
        var differences = new List<string>();
        for (int i = 0; i < count; i++)
        {
            if (i % StatementsPerDatabase == 0)
            {
                databases = NewDatabases();
                await ResetAsync(connection);
            }

            TypedStatement statement = new TypedStatements(FuzzRun.For(i)).Next();
            string expected = await OutcomeAsync(connection, statement);
            failures += expected.StartsWith("error", StringComparison.Ordinal) ? 1 : 0;
            foreach (MemoryDatabase database in databases)
            {
                string actual = Outcome(database, statement);
                if (expected != actual)
                {
                    differences.Add(FuzzRun.Say(i, $"{statement.Text}\nPostgreSQL: {expected}\nours: {actual}"));
                }
            }

            if (differences.Count >= MostDifferences)
            {
                break;
            }
        }

        Assert.True(differences.Count == 0, string.Join("\n\n", differences));

        output.WriteLine($"{count} statements, {failures} of them refused by all");
        Assert.InRange(failures, 0, count / 4);
    }

    [Fact]
    public void Query_is_the_sum_of_its_parts_where_a_condition_is_true_false_and_unknown()
    {
        int rows = 0;
        MemoryDatabase[] databases = [];
        for (int i = 0; i < FuzzRun.Count(Partitions); i++)
        {
            if (i % StatementsPerDatabase == 0)
            {
                databases = NewDatabases();
                Fill(databases);
            }

            var statements = new TypedStatements(FuzzRun.For(i));
            string condition = statements.Condition();
            foreach (MemoryDatabase database in databases)
            {
                string all = $"SELECT * FROM {statements.Table.Name}";
                string[] whole = Sorted(database.Text(all));
                string[] parts = Sorted(
                [
                    .. database.Text($"{all} WHERE {condition}"),
                    .. database.Text($"{all} WHERE NOT {condition}"),
                    .. database.Text($"{all} WHERE ({condition}) IS NULL"),
                ]);
                Assert.True(whole.SequenceEqual(parts), FuzzRun.Say(i, $"{all}: {condition}"));
                rows += whole.Length;

                // What a WHERE keeps, and what the same condition gives as a value for each row.
                string kept = database.Text($"SELECT count(*) FROM {statements.Table.Name} WHERE {condition}")[0];
                int isTrue = database.Text($"SELECT {condition} FROM {statements.Table.Name}").Count(text => text == "true");
                Assert.True(kept == isTrue.ToString(CultureInfo.InvariantCulture), FuzzRun.Say(i, $"{kept} rows, true for {isTrue}: {condition}"));
            }
        }

        Assert.True(rows > Partitions, "the tables were empty");
    }

    private static MemoryDatabase[] NewDatabases()
    {
        MemoryDatabase[] databases = [new MemoryDatabase(1), new MemoryDatabase(4) { SliceRows = 3, AnswerRows = 2 }];
        foreach (MemoryDatabase database in databases)
        {
            foreach (SqlTable table in SqlTable.All)
            {
                database.Run(table.Create(isPlaced: true));
            }
        }

        return databases;
    }

    private static void Fill(MemoryDatabase[] databases)
    {
        for (int i = 0; i < 400; i++)
        {
            TypedStatement statement = new TypedStatements(FuzzRun.For(-1 - i)).Next();
            if (statement.Text.StartsWith("INSERT", StringComparison.Ordinal))
            {
                foreach (MemoryDatabase database in databases)
                {
                    Outcome(database, statement);
                }
            }
        }
    }

    private static string[] Sorted(string[] rows)
    {
        Array.Sort(rows, StringComparer.Ordinal);
        return rows;
    }

    private static async Task ResetAsync(NpgsqlConnection connection)
    {
        foreach (SqlTable table in SqlTable.All)
        {
            await using var create = new NpgsqlCommand(
                $"DROP TABLE IF EXISTS {table.Name}; {table.Create(isPlaced: false)}", connection);
            await create.ExecuteNonQueryAsync();
        }
    }

    private static string Outcome(MemoryDatabase database, TypedStatement statement)
    {
        try
        {
            return Show(statement, [.. database.Run(statement.Text).Select(row => row.Select(v => v.IsNull ? null : v.ToText()).ToArray())]);
        }
        catch (SqlException error)
        {
            return "error " + error.SqlState;
        }
    }

    private static async Task<string> OutcomeAsync(NpgsqlConnection connection, TypedStatement statement)
    {
        await using var command = new NpgsqlCommand(statement.Text, connection) { AllResultTypesAreUnknown = true };
        try
        {
            var rows = new List<string?[]>();
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? null : reader.GetString(i))]);
            }

            return Show(statement, rows);
        }
        catch (PostgresException error)
        {
            return "error " + error.SqlState;
        }
    }

    private static string Show(TypedStatement statement, List<string?[]> rows)
    {
        string[] lines = [.. rows.Select(row => string.Join('|', row.Select((value, i) => Normal(value, statement.Columns[i]))))];
        return string.Join(" / ", statement.IsOrdered ? lines : Sorted(lines));
    }

    /// <summary>The one way to write a value of those that the two have.</summary>
    private static string Normal(string? value, SqlFamily family) => (value, family) switch
    {
        (null, _) => "NULL",
        ("t", SqlFamily.Boolean) => "true",
        ("f", SqlFamily.Boolean) => "false",
        (_, SqlFamily.Double) => double.Parse(value, CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture),
        _ => value,
    };
}
