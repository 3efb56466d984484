using System.Globalization;
using ShardSql.Sql;

namespace ShardSql.Execution;

/// <summary>What is wrong with a row, found by planner or executor alike.</summary>
public static class ConstraintErrors
{
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
