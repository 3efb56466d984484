using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

using ShardSql.Primitives;
using ShardSql.Tests.Gateway;

using Xunit;
using Xunit.Abstractions;

namespace ShardSql.Tests.Fuzz.Sqlite;

/// <summary>Random transactions that change schema and rows together, with savepoints, on real nodes and in SQLite: both
/// take the same statements, and show the same tables after each, inside and out.</summary>
public sealed class SchemaFuzzTests(ITestOutputHelper output)
{
    private const int Transactions = 60;
    private const int StatementsMost = 16;

    private int _taken;
    private int _refused;

    [Fact]
    public async Task Transactions_that_change_the_schema_end_as_in_SQLite()
    {
        await using SchemaCluster cluster = await SchemaCluster.StartAsync();
        await using TestSession session = await cluster.OpenAsync();
        await using TestSession other = await cluster.OpenAsync();
        using var reference = new SqliteReference();
        int count = FuzzRun.Count(Transactions);
        for (int i = 0; i < count; i++)
        {
            var log = new List<string>();
            string before = Reference(reference);
            try
            {
                string seen = await RunAsync(FuzzRun.For(i), session, other, reference, before, log);
                Assert.Equal(Reference(reference), seen);
            }
            catch (Exception failure) when (failure is Xunit.Sdk.XunitException)
            {
                throw new InvalidOperationException(
                    FuzzRun.Say(i, $"from {before}\n{string.Join(";\n", log)}\n{failure.Message}"), failure);
            }
        }

        output.WriteLine($"{_taken} statements taken by both, {_refused} refused by both");
        Assert.InRange(_refused, 1, _taken);
    }

    private async Task<string> RunAsync(
        Prng random, TestSession session, TestSession other, SqliteReference reference, string before, List<string> log)
    {
        await BothAsync(new SchemaStatement("BEGIN"), session, reference, log);
        for (int left = 1 + random.Next(StatementsMost); left > 0; left--)
        {
            SchemaStatement statement = new SchemaStatements(random, Tables(reference)).Inside();
            await BothAsync(statement, session, reference, log);
            string expected = Reference(reference);
            Assert.Equal(expected, await OursAsync(session, reference));
        }

        if (random.Next(2) == 0)
        {
            await BothAsync(new SchemaStatement("ROLLBACK"), session, reference, log);
            Assert.Equal(before, Reference(reference));
        }
        else
        {
            await BothAsync(new SchemaStatement("COMMIT"), session, reference, log);
        }

        return await OursAsync(other, reference);
    }

    /// <summary>Here a refused statement needs a savepoint to go on from, there it does not.</summary>
    private async Task BothAsync(
        SchemaStatement statement, TestSession session, SqliteReference reference, List<string> log)
    {
        bool isTaken = IsTaken(reference, statement.Text);
        log.Add(statement.Text + statement.Placement + (isTaken ? "" : " -- refused"));
        if (isTaken)
        {
            _taken++;
            await SchemaCluster.OkAsync(session, statement.Text + statement.Placement);
            return;
        }

        _refused++;
        await SchemaCluster.OkAsync(session, "SAVEPOINT guard");
        Assert.NotNull((await session.RunAsync(statement.Text + statement.Placement)).Error);
        await SchemaCluster.OkAsync(session, "ROLLBACK TO guard");
        await SchemaCluster.OkAsync(session, "RELEASE guard");
    }

    private static bool IsTaken(SqliteReference reference, string text)
    {
        try
        {
            reference.Run(text);
            return true;
        }
        catch (SqliteRefusedException)
        {
            return false;
        }
    }

    private static List<(string Name, IReadOnlyList<string> Columns)> Tables(SqliteReference reference)
    {
        var tables = new List<(string, IReadOnlyList<string>)>();
        foreach (string?[] row in reference.Run("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"))
        {
            tables.Add((row[0]!, [.. reference.Run($"SELECT name FROM pragma_table_info('{row[0]}') ORDER BY cid").Select(c => c[0]!)]));
        }

        return tables;
    }

    private static string Reference(SqliteReference reference)
    {
        IEnumerable<string> tables = Tables(reference).Select(table =>
            $"{table.Name}({string.Join(' ', table.Columns)}) "
            + string.Join(' ', reference.Run($"SELECT * FROM {table.Name} ORDER BY id").Select(row => string.Join(':', row.Select(v => v ?? "NULL")))));
        return string.Join(" | ", tables);
    }

    /// <summary>What a session sees, and that each row is found by each of its values, whichever way leads there.</summary>
    private static async Task<string> OursAsync(TestSession session, SqliteReference reference)
    {
        var seen = new List<string>();
        string[] names = (await SchemaCluster.RowsAsync(
            session, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        foreach (string name in names)
        {
            string columns = await SchemaCluster.RowsAsync(
                session, $"SELECT column_name FROM information_schema.columns WHERE table_name = '{name}' ORDER BY ordinal_position");
            seen.Add($"{name}({columns}) " + await SchemaCluster.RowsAsync(session, $"SELECT * FROM {name} ORDER BY id"));
            foreach (string column in columns.Split(' ').Where(one => one != "id"))
            {
                string query = $"SELECT id FROM {name} WHERE {column} = 3 ORDER BY id";
                Assert.Equal(string.Join(' ', reference.Run(query).Select(row => row[0])), await SchemaCluster.RowsAsync(session, query));
            }
        }

        return string.Join(" | ", seen);
    }
}
