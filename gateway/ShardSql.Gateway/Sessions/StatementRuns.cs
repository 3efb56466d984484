using System;
using System.Collections.Generic;

using ShardSql.Gateway.Statements;
using ShardSql.Planning.Plans;
using ShardSql.Sql.Tree;

namespace ShardSql.Gateway.Sessions;

/// <summary>Which neighbouring statements of a request belong together.</summary>
internal static class StatementRuns
{
    /// <summary>Whether a statement reads or writes rows.</summary>
    public static bool IsData(Statement statement) =>
        StatementEngine.IsData(statement) || statement.KindCase == Statement.KindOneofCase.Show;

    /// <summary>The end of the statements that read and write rows.</summary>
    public static int EndOfData(List<Statement> statements, int start) => EndOf(statements, start, IsData);

    /// <summary>The end of those that do that, or change the schema.</summary>
    public static int EndOfWork(List<Statement> statements, int start) => EndOf(statements, start, IsWork);

    /// <summary>The end of those that are one transaction where none is open. One that begins a job is alone, but not where
    /// its table is new in the same transaction: that has few rows.</summary>
    public static int EndOfUnit(List<Statement> statements, int start)
    {
        var made = new HashSet<string>(StringComparer.Ordinal);
        return EndOf(statements, start, statement =>
        {
            if (statement.CreateTable is { } table)
            {
                made.Add(table.Table.Name);
            }

            return IsWork(statement) && (!IndexTarget.IsBegunBy(statement) || made.Contains(TableOf(statement)));
        });
    }

    private static string TableOf(Statement statement) =>
        (statement.CreateIndex?.Table ?? statement.AlterTable.Table).Name;

    private static bool IsWork(Statement statement) => IsData(statement) || StatementEngine.IsSchema(statement);

    private static int EndOf(List<Statement> statements, int start, Func<Statement, bool> belongs)
    {
        int end = start;
        while (end < statements.Count && belongs(statements[end]))
        {
            end++;
        }

        return end;
    }
}
