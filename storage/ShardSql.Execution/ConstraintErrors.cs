using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Execution;

/// <summary>What is wrong with a row, found by planner or executor alike.</summary>
public static class ConstraintErrors
{
    private const int KeyTextMax = 64;

    /// <summary>Most bytes of a row key.</summary>
    public const int KeyBytesMax = 4 * 1024;

    /// <summary>Most bytes of a row.</summary>
    public const int RowBytesMax = 4 * 1024 * 1024;

    /// <summary>The error of NULL in a NOT NULL column.</summary>
    public static SqlException NotNull(string table, string column) => new(
        SqlStates.NotNullViolation,
        $"null value in column \"{column}\" of table \"{table}\" violates not-null constraint")
    {
        Table = table,
        ColumnName = column,
    };

    /// <summary>The error of a row that a CHECK does not let in.</summary>
    public static SqlException CheckViolated(string table, string constraint) => new(
        SqlStates.CheckViolation, $"new row for table \"{table}\" violates check constraint \"{constraint}\"")
    {
        Constraint = constraint,
        Table = table,
    };

    /// <summary>The error of values that are there already and may be there once only.</summary>
    public static SqlException Duplicate(
        string table, string constraint, IReadOnlyList<string> columns, IReadOnlyList<SqlValue> values)
    {
        ArgumentNullException.ThrowIfNull(columns);
        return new SqlException(
            SqlStates.UniqueViolation, $"duplicate key value violates unique constraint \"{constraint}\"")
        {
            Detail = $"Key {KeyText(columns, values)} already exists.",
            Constraint = constraint,
            Table = table,
            ColumnName = columns.Count == 1 ? columns[0] : null,
        };
    }

    /// <summary>Columns of a key with their values, shortened.</summary>
    public static string KeyText(IReadOnlyList<string> columns, IReadOnlyList<SqlValue> values)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(values);
        var text = new StringBuilder();
        for (int i = 0; i < values.Count && text.Length <= KeyTextMax; i++)
        {
            text.Append(i == 0 ? string.Empty : ", ").Append(values[i].ToText());
        }

        return $"({string.Join(", ", columns)})=({Cut(text.ToString())})";
    }

    private static string Cut(string text)
    {
        if (text.Length <= KeyTextMax)
        {
            return text;
        }

        int end = char.IsHighSurrogate(text[KeyTextMax - 1]) ? KeyTextMax - 1 : KeyTextMax;
        return string.Concat(text.AsSpan(0, end), "...");
    }

    /// <summary>54000 for a key that is too long.</summary>
    public static void CheckKeyLength(int bytes, string table) => Check("key", bytes, KeyBytesMax, table);

    /// <summary>54000 for a row that is too long.</summary>
    public static void CheckRowLength(int bytes, string table) => Check("row", bytes, RowBytesMax, table);

    private static void Check(string what, int bytes, int bytesMax, string table)
    {
        if (bytes > bytesMax)
        {
            throw new SqlException(SqlStates.ProgramLimitExceeded, string.Create(
                CultureInfo.InvariantCulture,
                $"a {what} of table \"{table}\" has {bytes} bytes, the limit is {bytesMax}"))
            {
                Table = table,
            };
        }
    }
}
