using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

using Google.Protobuf.Collections;

using ShardSql.Gateway.Sessions;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Statements;

/// <summary>What a request holds, checked against the limits before anything runs: statements and parameters.</summary>
internal static class RequestContent
{
    private const char Replacement = '\uFFFD';

    /// <summary>The statements of all sources in order.</summary>
    /// <param name="sources">Texts, trees, numbers.</param>
    /// <param name="texts">Texts parsed before.</param>
    /// <param name="prepared">The session's numbered trees; null: there are none.</param>
    /// <param name="takesTrees">Whether the client's grammar is ours.</param>
    public static List<Statement> Statements(
        RepeatedField<StatementSource> sources, StatementCache texts, PreparedStatements? prepared, bool takesTrees)
    {
        var statements = new List<Statement>(sources.Count);
        foreach (StatementSource source in sources)
        {
            switch (source.SourceCase)
            {
                case StatementSource.SourceOneofCase.Text:
                    statements.AddRange(Parse(source.Text, texts));
                    break;
                case StatementSource.SourceOneofCase.Tree when takesTrees:
                    statements.Add(Tree(source.Tree, prepared));
                    break;
                case StatementSource.SourceOneofCase.Tree:
                    throw new SqlException(
                        SqlStates.ProtocolViolation,
                        $"statement trees are taken of grammar version {SqlParser.GrammarVersion} only; send text");
                case StatementSource.SourceOneofCase.Prepared when prepared is not null:
                    statements.Add(prepared.Get(source.Prepared));
                    break;
                default:
                    throw new SqlException(
                        SqlStates.ProtocolViolation, "a statement is a text, a tree, or the number of one of this session");
            }

            CheckCount(statements.Count);
        }

        return statements.Count > 0 ? statements : throw new SqlException(SqlStates.SyntaxError, "empty statement", 1);
    }

    /// <summary>The parameters with their values.</summary>
    public static List<KeyValuePair<string, SqlValue>> Parameters(RepeatedField<Parameter> parameters)
    {
        if (parameters.Count > GatewayLimits.MaxParameters)
        {
            throw new SqlException(SqlStates.ProgramLimitExceeded, string.Create(
                CultureInfo.InvariantCulture,
                $"too many parameters: limit {GatewayLimits.MaxParameters}, actual {parameters.Count}"));
        }

        var values = new List<KeyValuePair<string, SqlValue>>(parameters.Count);
        foreach (Parameter parameter in parameters)
        {
            values.Add(KeyValuePair.Create(parameter.Name, ValueCodec.FromBytes(parameter.Value.Span)));
        }

        return values;
    }

    private static IReadOnlyList<Statement> Parse(string text, StatementCache texts)
    {
        int bytes = Encoding.UTF8.GetByteCount(text);
        if (bytes > GatewayLimits.MaxTextBytes)
        {
            throw new SqlException(SqlStates.ProgramLimitExceeded, string.Create(
                CultureInfo.InvariantCulture,
                $"the statement text exceeds the limit of {GatewayLimits.MaxTextBytes} bytes: {bytes} bytes"));
        }

        RequireEncoded(text);
        return texts.Parse(text).Statements;
    }

    /// <summary>What is not UTF-8 has become U+FFFD when the message was read, and would be stored as that. Who means
    /// the character itself can still send it as a parameter, whose bytes are looked at.</summary>
    private static void RequireEncoded(string text)
    {
        int place = text.IndexOf(Replacement, StringComparison.Ordinal);
        if (place >= 0)
        {
            int bytes = Encoding.UTF8.GetByteCount(text.AsSpan(0, place));
            throw new SqlException(
                SqlStates.InvalidCharacter,
                string.Create(CultureInfo.InvariantCulture, $"invalid character encoding at byte {bytes + 1}"),
                place + 1)
            {
                Hint = "Statements are UTF-8. Send U+FFFD itself as a parameter.",
            };
        }
    }

    private static Statement Tree(PreparedTree tree, PreparedStatements? prepared)
    {
        if (tree.Statement is not { } statement || statement.KindCase == Statement.KindOneofCase.None)
        {
            throw new SqlException(SqlStates.ProtocolViolation, "the statement tree holds nothing that this version knows");
        }

        if (tree.Number > 0)
        {
            (prepared ?? throw new SqlException(
                SqlStates.ProtocolViolation, "a submitted transaction prepares nothing")).Keep(tree.Number, statement);
        }

        return statement;
    }

    private static void CheckCount(int count)
    {
        if (count > GatewayLimits.MaxStatements)
        {
            throw new SqlException(SqlStates.ProgramLimitExceeded, string.Create(
                CultureInfo.InvariantCulture,
                $"too many statements in one request: limit {GatewayLimits.MaxStatements}, actual {count}"));
        }
    }
}
