using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using ShardSql.Sql;
using ShardSql.Tests.Execution;

namespace ShardSql.Tests.Fuzz.Sqlite;

/// <summary>Runs portable statements in a reference, on one shard and on four, and gathers what differs: rows, counts,
/// refusals, and now and then all tables.</summary>
internal sealed class SqliteComparison : IDisposable
{
    private const int StatementsBetweenTables = 8;
    private const string Refused = "refused";

    private readonly SqliteReference _reference = new();
    private readonly MemoryDatabase[] _databases = [new(1), new(4) { SliceRows = 3, AnswerRows = 2 }];
    private int _statements;

    public SqliteComparison()
    {
        foreach (PortableTable table in PortableTable.All)
        {
            _reference.Run(table.Create(isPlaced: false));
            foreach (MemoryDatabase database in _databases)
            {
                database.Run(table.Create(isPlaced: true));
            }
        }
    }

    /// <summary>What a statement's result of the reference is taken for; a test that must find differences changes it.
    /// </summary>
    public Func<string, string> Told { get; init; } = static outcome => outcome;

    /// <summary>Statements that all refused.</summary>
    public int Refusals { get; private set; }

    /// <summary>Rows that all gave.</summary>
    public int Rows { get; private set; }

    /// <summary>Runs a statement everywhere; gives the differences.</summary>
    public IEnumerable<string> Run(TypedStatement statement)
    {
        List<string> differences = [.. Compare(statement)];
        if (++_statements % StatementsBetweenTables == 0)
        {
            differences.AddRange(PortableTable.All.SelectMany(table => Compare(new TypedStatement(
                $"SELECT * FROM {table.Name}", [.. table.Columns.Select(column => column.Family)], IsOrdered: false))));
        }

        return differences;
    }

    /// <inheritdoc />
    public void Dispose() => _reference.Dispose();

    private IEnumerable<string> Compare(TypedStatement statement)
    {
        string expected = Told(Expected(statement));
        Refusals += expected == Refused ? 1 : 0;
        foreach (MemoryDatabase database in _databases)
        {
            string actual = Actual(database, statement);
            if (actual != expected)
            {
                yield return $"{statement.Text}\nSQLite: {expected}\nours, {(database == _databases[0] ? "one shard" : "four shards")}: {actual}";
            }
        }
    }

    private string Expected(TypedStatement statement)
    {
        try
        {
            List<string?[]> rows = _reference.Run(statement.Text);
            Rows += rows.Count;
            return Show(statement, rows, _reference.Changes);
        }
        catch (SqliteRefusedException refusal) when (refusal.IsConstraint)
        {
            return Refused;
        }
        catch (SqliteRefusedException refusal)
        {
            return $"not taken: {refusal.Message}";
        }
    }

    private static string Actual(MemoryDatabase database, TypedStatement statement)
    {
        try
        {
            List<string?[]> rows =
                [.. database.Run(statement.Text).Select(row => row.Select(v => v.IsNull ? null : v.ToText()).ToArray())];
            return Show(statement, rows, database.LastPlan.Affected ?? database.LastRowsAffected);
        }
        catch (SqlException error) when (error.SqlState.StartsWith("23", StringComparison.Ordinal))
        {
            return Refused;
        }
        catch (SqlException error)
        {
            return $"error {error.SqlState}: {error.Message}";
        }
    }

    private static string Show(TypedStatement statement, List<string?[]> rows, long changes)
    {
        if (statement.Columns.Count == 0)
        {
            return changes.ToString(CultureInfo.InvariantCulture);
        }

        string[] lines = [.. rows.Select(row => string.Join('|', row.Select((value, i) => Normal(value, statement.Columns[i]))))];
        if (!statement.IsOrdered)
        {
            Array.Sort(lines, StringComparer.Ordinal);
        }

        return string.Join(" / ", lines);
    }

    /// <summary>SQLite's booleans are numbers.</summary>
    private static string Normal(string? value, SqlFamily family) => (value, family) switch
    {
        (null, _) => "NULL",
        ("1", SqlFamily.Boolean) => "true",
        ("0", SqlFamily.Boolean) => "false",
        _ => value,
    };
}
