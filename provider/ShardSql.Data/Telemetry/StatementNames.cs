using System.Collections.Generic;
using System.Text;
using ShardSql.Sql.Tree;

namespace ShardSql.Data.Telemetry;

/// <summary>
/// What statements are called in spans and metrics, of few different values:
/// https://opentelemetry.io/docs/specs/semconv/database/database-spans/#name.
/// </summary>
internal static class StatementNames
{
    private const string Batch = "BATCH";

    /// <summary>The verb of one statement; of several BATCH, with their verb where it is the same.</summary>
    public static string OperationOf(IReadOnlyList<Statement> statements)
    {
        if (statements.Count == 0)
        {
            return string.Empty;
        }

        string first = VerbOf(statements[0].KindCase);
        if (statements.Count == 1)
        {
            return first;
        }

        foreach (Statement statement in statements)
        {
            if (statement.KindCase != statements[0].KindCase)
            {
                return Batch;
            }
        }

        return $"{Batch} {first}";
    }

    /// <summary>The one table that a statement is about; null where there are none or several.</summary>
    public static string? TargetOf(Statement statement) => statement.KindCase switch
    {
        Statement.KindOneofCase.Select when statement.Select is { Sources.Count: 0, Terms.Count: 0, With.Count: 0 } =>
            NameOf(statement.Select.From?.Table),
        Statement.KindOneofCase.Insert when statement.Insert.Query is null => NameOf(statement.Insert.Table),
        Statement.KindOneofCase.Update when statement.Update.Sources.Count == 0 => NameOf(statement.Update.Table?.Table),
        Statement.KindOneofCase.Delete when statement.Delete.Sources.Count == 0 => NameOf(statement.Delete.Table?.Table),
        Statement.KindOneofCase.CreateTable => NameOf(statement.CreateTable.Table),
        _ => null,
    };

    private static string? NameOf(TableName? table) => table is null
        ? null
        : table.Schema.Length == 0 ? table.Name : $"{table.Schema}.{table.Name}";

    private static string VerbOf(Statement.KindOneofCase kind)
    {
        var verb = new StringBuilder();
        foreach (char c in kind.ToString())
        {
            _ = verb.Length > 0 && char.IsUpper(c) ? verb.Append(' ') : verb;
            verb.Append(char.ToUpperInvariant(c));
        }

        return verb.ToString();
    }
}
