using System;
using System.Data;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Shell.Printing;
using ShardSql.Sql;
using ShardSql.Sql.Parsing;
using Xunit;

namespace ShardSql.Data.Tests.ShellUse;

public sealed class PrintingTests
{
    [Theory]
    [InlineData("SELECT x\nFRM t WHERE", "LINE 2: FRM t WHERE", "            ^", "42601")]
    [InlineData("SELECT\t'日本', 'é' frm t", "LINE 1: SELECT    '日本', 'é' frm t", "                                  ^", "42601")]
    [InlineData("SELECT '👍', 'e\u0301' ^ 1", "LINE 1: SELECT '👍', 'e\u0301' ^ 1", "                         ^", "42601")]
    [InlineData("SELECT 1 +", "LINE 1: SELECT 1 +", "                  ^", "42601")]
    public void Caret_stands_under_the_place(string statement, string line, string caret, string state)
    {
        SqlException error = Assert.Throws<SqlException>(() => SqlParser.Parse(statement));
        string[] lines = [.. ErrorText.Lines(ErrorFactory.FromParser(error), statement)];
        Assert.StartsWith($"ERROR:  {state}: ", lines[0], StringComparison.Ordinal);
        Assert.Equal([line, caret], lines[1..3]);
    }

    [Fact]
    public void Caret_of_a_long_line_shows_the_part_around_the_place()
    {
        string statement = $"SELECT {string.Join(", ", Enumerable.Range(0, 100))} frm t {new string('x', 200)}";
        SqlException error = Assert.Throws<SqlException>(() => SqlParser.Parse(statement));
        string[] lines = [.. ErrorText.Lines(ErrorFactory.FromParser(error), statement)];
        Assert.InRange(lines[1].Length, 50, ErrorText.ShownColumns + 20);
        Assert.StartsWith("LINE 1: ...", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("...", lines[1], StringComparison.Ordinal);
        Assert.Equal(statement[error.Position - 1], lines[1][lines[2].IndexOf('^', StringComparison.Ordinal)]);
    }

    [Fact]
    public void Detail_hint_and_outcome_have_their_lines()
    {
        var error = new ShardSqlException(new ErrorDetails("23505", "duplicate", ShardSqlOutcome.Unknown, IsTransient: false)
        {
            Detail = "Key (id)=(1) is there.", Hint = "Take another.", ConstraintName = "t_pk", Position = 99,
        });
        Assert.Equal(
            [
                "ERROR:  23505: duplicate", "DETAIL:  Key (id)=(1) is there.", "HINT:  Take another.", "CONSTRAINT:  t_pk",
                "OUTCOME:  unknown; the statement may have been committed",
            ],
            ErrorText.Lines(error, "SELECT 1"));
    }

    [Theory]
    [InlineData("abc", 3)]
    [InlineData("日本語", 6)]
    [InlineData("e\u0301", 1)]
    [InlineData("👍", 2)]
    [InlineData("a\u200Bb", 2)]
    [InlineData("ｆ", 2)]
    [InlineData("", 0)]
    public void Width_counts_columns_of_a_terminal(string text, int width) => Assert.Equal(width, TextWidth.Of(text));

    [Fact]
    public async Task Table_of_more_rows_than_are_measured_is_written_whole()
    {
        using var table = new DataTable { Locale = CultureInfo.InvariantCulture };
        table.Columns.Add("n", typeof(int));
        for (int i = 0; i < TablePrinter.MeasuredRows + 2; i++)
        {
            table.Rows.Add(i * 100);
        }

        using DataTableReader reader = table.CreateDataReader();
        using var output = new StringWriter { NewLine = "\n" };
        await TablePrinter.PrintAsync(reader, "NULL", output, CancellationToken.None);
        string[] lines = output.ToString().TrimEnd('\n').Split('\n');
        Assert.Equal("     0", lines[2]);
        Assert.Equal(" 100100", lines[^2]);
        Assert.Equal("(1002 rows)", lines[^1]);
    }

    [Fact]
    public async Task Table_can_be_broken_off()
    {
        using var table = new DataTable { Locale = CultureInfo.InvariantCulture };
        table.Columns.Add("n", typeof(int));
        table.Rows.Add(1);
        using DataTableReader reader = table.CreateDataReader();
        using var output = new StringWriter();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => JsonPrinter.PrintAsync(reader, output, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Explain_is_drawn_with_branches() => Assert.Equal(
        [
            "distribution: X", "commit: none", "reason: so it is", "sort", "├─ join", "│  ├─ scan a", "│  └─ scan b", "└─ scan c",
            "common table 1", "└─ scan d",
        ],
        ExplainTree.Draw(
        [
            "distribution: X   commit: none   reason: so it is", "sort", "  join", "    scan a", "    scan b", "  scan c",
            "common table 1", "  scan d",
        ]));
}
