using System;
using System.Globalization;
using System.Text;
using Antlr4.Runtime;
using ShardSql.Sql.Generated;
using ShardSql.Sql.Tree;

namespace ShardSql.Sql.Parsing;

/// <summary>Names from the syntax tree: unquoted ones fold to lower case, none is longer than 63 bytes.</summary>
internal static class Names
{
    /// <summary>The name as it compares.</summary>
    public static string Fold(ParserRuleContext name)
    {
        IToken token = name.Start;
        string written = AsWritten(name);
        return IsQuoted(token) ? written : written.ToLowerInvariant();
    }

    /// <summary>The name without its quotes, in the case that it was written in.</summary>
    public static string AsWritten(ParserRuleContext name)
    {
        IToken token = name.Start;
        string text = token.Text;
        string plain = token.Type switch
        {
            ShardSqlLexer.QUOTED_IDENTIFIER => text[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal),
            ShardSqlLexer.BRACKET_IDENTIFIER => text[1..^1],
            _ => text,
        };
        return Checked(plain, token);
    }

    public static bool IsQuoted(IToken token) =>
        token.Type is ShardSqlLexer.QUOTED_IDENTIFIER or ShardSqlLexer.BRACKET_IDENTIFIER;

    public static uint PositionOf(IToken token) => (uint)token.StartIndex + 1;

    public static uint PositionOf(ParserRuleContext context) => PositionOf(context.Start);

    public static string Checked(string plain, IToken token)
    {
        if (plain.Length == 0)
        {
            throw new SqlException(SqlStates.SyntaxError, "a quoted name is empty", token.StartIndex + 1);
        }

        int bytes = plain.Length * 3 <= SqlLimits.MaxIdentifierBytes ? 0 : Encoding.UTF8.GetByteCount(plain);
        return bytes <= SqlLimits.MaxIdentifierBytes
            ? plain
            : throw new SqlException(
                SqlStates.NameTooLong,
                string.Create(
                    CultureInfo.InvariantCulture, $"name of {bytes} bytes exceeds {SqlLimits.MaxIdentifierBytes}"),
                token.StartIndex + 1);
    }

    public static TableName Table(ShardSqlParser.TableNameContext context)
    {
        string first = Fold(context.identifier());
        return context.label() is { } label
            ? new TableName { Schema = first, Name = Fold(label), Position = PositionOf(context) }
            : new TableName { Name = first, Position = PositionOf(context) };
    }

    public static ColumnName Column(ShardSqlParser.ColumnNameContext context) =>
        new() { Name = Fold(context.identifier()), Position = PositionOf(context) };
}
