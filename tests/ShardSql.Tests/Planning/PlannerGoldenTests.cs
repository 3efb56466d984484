using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text;
using ShardSql.Planning.Plans;
using ShardSql.Sql;
using ShardSql.Sql.Parsing;
using ShardSql.Tests.Execution;
using Xunit;

namespace ShardSql.Tests.Planning;

/// <summary>
/// Scripts of statements with the plan, the header or the error of each, as text. <c>UPDATE_GOLDEN=1</c> writes what
/// the planner gives now; the difference is then read by a person.
/// </summary>
public sealed class PlannerGoldenTests
{
    private static readonly string s_folder = Path.Combine(Here(), "testdata");

    public static TheoryData<string> Scripts => [.. Directory.GetFiles(s_folder, "*.txt")
        .Select(path => Path.GetFileName(path)!)
        .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Plan_script_givesGoldenText(string script)
    {
        string path = Path.Combine(s_folder, script);
        string golden = File.ReadAllText(path);
        string actual = Play(golden);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, actual);
            return;
        }

        Assert.Equal(golden, actual);
    }

    /// <summary>A line that starts with "> " is a statement, one with "# " stays, all others are written anew.</summary>
    private static string Play(string script)
    {
        var database = new MemoryDatabase(3);
        var output = new StringBuilder();
        foreach (string line in script.Split('\n'))
        {
            if (line.StartsWith("# ", StringComparison.Ordinal))
            {
                output.Append(line).Append('\n');
            }
            else if (line.StartsWith("> ", StringComparison.Ordinal))
            {
                output.Append(line).Append('\n');
                foreach (string answer in Answers(database, line[2..]))
                {
                    output.Append("  ").Append(answer).Append('\n');
                }
            }
        }

        return output.ToString();
    }

    private static List<string> Answers(MemoryDatabase database, string sql)
    {
        try
        {
            StatementPlan plan = database.Plan(sql);
            var lines = new List<string>(plan.ExplainLines);
            if (plan.Columns.Count > 0)
            {
                lines.Add("columns: " + string.Join(", ", plan.Columns.Select(Describe)));
            }

            if (plan.Notice is not null)
            {
                lines.Add("notice: " + plan.Notice);
            }

            database.Run(plan);
            return lines;
        }
        catch (SqlException exception)
        {
            string hint = exception.Hint is null ? string.Empty : " HINT: " + exception.Hint;
            return [$"error {exception.SqlState} at {exception.Position}: {exception.Message}{hint}"];
        }
    }

    private static string Describe(ResultColumn column)
    {
        string origin = column.Table.Length > 0 ? $" = {column.Table}.{column.BaseColumn}" : string.Empty;
        return $"{column.Name} {column.Type}{(column.Nullable ? string.Empty : " not null")}{origin}"
            + (column.IsKey ? " key" : string.Empty);
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
