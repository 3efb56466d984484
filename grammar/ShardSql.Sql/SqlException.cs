using System;

namespace ShardSql.Sql;

/// <summary>
/// What is wrong with a statement or a value, in the words and the SQLSTATE that the client will see. Thrown by parser,
/// binder, casts and evaluation; the edge turns it into the error of the protocol.
/// </summary>
public sealed class SqlException : Exception
{
    /// <summary>An internal error; use a constructor that names the SQLSTATE.</summary>
    public SqlException()
        : this(SqlStates.InternalError, "internal error")
    {
    }

    /// <summary>An internal error with a text.</summary>
    public SqlException(string message)
        : this(SqlStates.InternalError, message)
    {
    }

    /// <summary>An internal error with its cause.</summary>
    public SqlException(string message, Exception innerException)
        : base(message, innerException) => SqlState = SqlStates.InternalError;

    /// <summary>An error with its SQLSTATE and where it stands.</summary>
    public SqlException(string sqlState, string message, int position = 0)
        : base(message)
    {
        SqlState = sqlState;
        Position = position;
    }

    /// <summary>Five characters, see <see cref="SqlStates"/>.</summary>
    public string SqlState { get; }

    /// <summary>1-based UTF-16 character in the text that was parsed; 0: none.</summary>
    public int Position { get; init; }

    /// <summary>1-based line of <see cref="Position"/>; 0 where the text was not at hand.</summary>
    public int Line { get; init; }

    /// <summary>1-based column in <see cref="Line"/>; 0 where the text was not at hand.</summary>
    public int Column { get; init; }

    /// <summary>More about this occurrence.</summary>
    public string? Detail { get; init; }

    /// <summary>What to do about it.</summary>
    public string? Hint { get; init; }

    /// <summary>Name of the constraint that refused.</summary>
    public string? Constraint { get; init; }

    /// <summary>The table concerned.</summary>
    public string? Table { get; init; }

    /// <summary>The column concerned.</summary>
    public string? ColumnName { get; init; }

    /// <summary>The same error with line and column, which only the holder of the text can tell.</summary>
    public SqlException WithLocation(string text)
    {
        if (Position == 0 || Line != 0)
        {
            return this;
        }

        (int line, int column) = Locate(text, Position);
        return new SqlException(SqlState, Message, Position)
        {
            Line = line,
            Column = column,
            Detail = Detail,
            Hint = Hint,
            Constraint = Constraint,
            Table = Table,
            ColumnName = ColumnName,
        };
    }

    /// <summary>Line and column, both 1-based, of a 1-based position in a text.</summary>
    public static (int Line, int Column) Locate(string text, int position)
    {
        int line = 1;
        int lineStart = 0;
        int end = Math.Min(position - 1, text.Length);
        for (int i = 0; i < end; i++)
        {
            if (text[i] == '\n')
            {
                line++;
                lineStart = i + 1;
            }
        }

        return (line, end - lineStart + 1);
    }
}
