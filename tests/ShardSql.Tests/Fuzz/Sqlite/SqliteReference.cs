using System;
using System.Collections.Generic;

using SQLitePCL;

namespace ShardSql.Tests.Fuzz.Sqlite;

/// <summary>An SQLite in memory that says what a portable statement gives. LIKE heeds case, as in SQL.</summary>
internal sealed class SqliteReference : IDisposable
{
    private readonly sqlite3 _database;

    public SqliteReference()
    {
        Batteries_V2.Init();
        if (raw.sqlite3_open(":memory:", out _database) != raw.SQLITE_OK)
        {
            throw new InvalidOperationException("SQLite in memory does not open");
        }

        Run("PRAGMA case_sensitive_like = ON");
    }

    /// <summary>Rows that the last write changed.</summary>
    public int Changes => raw.sqlite3_changes(_database);

    /// <summary>Runs one statement and gives its rows. IS DISTINCT FROM is its IS NOT.</summary>
    /// <exception cref="SqliteRefusedException">It refuses the statement.</exception>
    public List<string?[]> Run(string text)
    {
        string own = text.Replace("IS NOT DISTINCT FROM", "IS", StringComparison.Ordinal)
            .Replace("IS DISTINCT FROM", "IS NOT", StringComparison.Ordinal);
        int code = raw.sqlite3_prepare_v2(_database, own, out sqlite3_stmt statement);
        using (statement)
        {
            var rows = new List<string?[]>();
            while (code is raw.SQLITE_OK or raw.SQLITE_ROW)
            {
                code = raw.sqlite3_step(statement);
                if (code == raw.SQLITE_ROW)
                {
                    rows.Add(Row(statement));
                }
            }

            return code == raw.SQLITE_DONE
                ? rows
                : throw new SqliteRefusedException(
                    raw.sqlite3_errmsg(_database).utf8_to_string(), (code & 0xFF) == raw.SQLITE_CONSTRAINT);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _database.Dispose();

    private static string?[] Row(sqlite3_stmt statement)
    {
        var row = new string?[raw.sqlite3_column_count(statement)];
        for (int i = 0; i < row.Length; i++)
        {
            row[i] = raw.sqlite3_column_type(statement, i) == raw.SQLITE_NULL
                ? null
                : raw.sqlite3_column_text(statement, i).utf8_to_string();
        }

        return row;
    }
}
