using System.Collections.Generic;
using System.Linq;
using ShardSql.Data.Telemetry;
using ShardSql.Sql;
using ShardSql.Sql.Tree;

namespace ShardSql.Data.Commands;

/// <summary>
/// A text that was parsed: its statements and what the provider must know of them. Immutable and shared.
/// </summary>
internal sealed class ParsedText
{
    public ParsedText(
        string text, string key, IReadOnlyList<Statement> statements, IReadOnlyList<string> parameterNames)
    {
        Text = text;
        Key = key;
        Statements = statements;
        ParameterNames = parameterNames;
        ReadsOnly = statements.All(IsRead);
        EndsTransaction = statements.Any(statement =>
            statement is { KindCase: Statement.KindOneofCase.Commit } or { Rollback.Savepoint: "" });
        Operation = StatementNames.OperationOf(statements);
        Target = statements.Count == 1 ? StatementNames.TargetOf(statements[0]) : null;
    }

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>What sessions remember its statements by: the text, unless its parameters were renamed.</summary>
    public string Key { get; }

    /// <summary>Its statements.</summary>
    public IReadOnlyList<Statement> Statements { get; }

    /// <summary>Names of its parameters without the @, each once.</summary>
    public IReadOnlyList<string> ParameterNames { get; }

    /// <summary>Number of its statements.</summary>
    public int Count => Statements.Count;

    /// <summary>Whether no statement of it can write or change the transaction.</summary>
    public bool ReadsOnly { get; }

    /// <summary>Whether a statement of it ends a transaction.</summary>
    public bool EndsTransaction { get; }

    /// <summary>The verb, for spans and metrics; of several statements BATCH, and their verb where it is the same.</summary>
    public string Operation { get; }

    /// <summary>The one table that it is about; null where there are none or several.</summary>
    public string? Target { get; }

    /// <summary>The text for a server that does not take our trees.</summary>
    /// <exception cref="ShardSqlException">Its parameters were renamed, which the text does not show.</exception>
    public string RequireText() => ReferenceEquals(Key, Text)
        ? Text
        : throw new ShardSqlException(
            SqlStates.FeatureNotSupported,
            "the gateway takes text only, and two commands of the batch give one parameter name different values");

    /// <summary>
    /// Whether a statement, by its place, only reads: then nothing is lost when it is not run to its end.
    /// </summary>
    public bool ReadsOnlyFrom(int statement)
    {
        for (int i = statement; i < Statements.Count; i++)
        {
            if (!IsRead(Statements[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsRead(Statement statement) => statement.KindCase switch
    {
        Statement.KindOneofCase.Select => !statement.Select.ForUpdate,
        Statement.KindOneofCase.Show => true,
        Statement.KindOneofCase.Explain => !statement.Explain.Analyze,
        _ => false,
    };
}
