using System.Collections.Generic;
using ShardSql.Shell;
using Xunit;

namespace ShardSql.Data.Tests.ShellUse;

public sealed class StatementSplitterTests
{
    [Theory]
    [InlineData("SELECT 1; SELECT 2;", "SELECT 1|SELECT 2", "")]
    [InlineData("SELECT ';'; x", "SELECT ';'", "x")]
    [InlineData("SELECT 'it''s;'; x", "SELECT 'it''s;'", "x")]
    [InlineData("SELECT '\\'; x", "SELECT '\\'", "x")]
    [InlineData(@"SELECT E'\';'; x", @"SELECT E'\';'", "x")]
    [InlineData("SELECT e'a'';'; x", "SELECT e'a'';'", "x")]
    [InlineData("SELECT type'a\\'; x", "SELECT type'a\\'", "x")]
    [InlineData("SELECT \";\"; x", "SELECT \";\"", "x")]
    [InlineData("SELECT \"a\"\";\"; x", "SELECT \"a\"\";\"", "x")]
    [InlineData("SELECT [;]; x", "SELECT [;]", "x")]
    [InlineData("SELECT 1 -- ;\n; x", "SELECT 1 -- ;", "x")]
    [InlineData("SELECT /* ; */ 1; x", "SELECT /* ; */ 1", "x")]
    [InlineData("SELECT /*/ ; */ 1; x", "SELECT /*/ ; */ 1", "x")]
    [InlineData("SELECT 1 - -1 / 2 * 3; x", "SELECT 1 - -1 / 2 * 3", "x")]
    [InlineData(";;  ; x", "", "x")]
    [InlineData("SELECT '", "", "SELECT '")]
    [InlineData("", "", "")]
    public void TryTake_cuts_at_semicolons_outside_of_quotes_and_comments(string text, string whole, string rest)
    {
        var splitter = new StatementSplitter();
        var taken = new List<string>();
        int line = 1;
        foreach (string piece in text.Split('\n'))
        {
            splitter.AddLine(piece, line++);
            while (splitter.TryTake(out ScriptStatement statement))
            {
                taken.Add(statement.Text);
            }
        }

        Assert.Equal(rest.Length > 0, splitter.IsPending);
        Assert.Equal(whole, string.Join('|', taken));
        Assert.Equal(rest, splitter.TakeRest().Text);
        Assert.False(splitter.IsPending);
    }

    [Fact]
    public void TryTake_tells_the_line_on_which_a_statement_begins()
    {
        var splitter = new StatementSplitter();
        string[] lines = ["", "SELECT 1;  SELECT", "  2;", "", "", "SELECT 3;"];
        var begins = new List<int>();
        for (int i = 0; i < lines.Length; i++)
        {
            splitter.AddLine(lines[i], i + 1);
            while (splitter.TryTake(out ScriptStatement statement))
            {
                begins.Add(statement.Line);
            }
        }

        Assert.Equal([2, 2, 6], begins);
    }

    [Theory]
    [InlineData("SELECT 'a", (int)SplitterState.String)]
    [InlineData("SELECT E'a\\", (int)SplitterState.EscapeString)]
    [InlineData("SELECT \"a", (int)SplitterState.Name)]
    [InlineData("SELECT [a", (int)SplitterState.BracketName)]
    [InlineData("SELECT /* a", (int)SplitterState.BlockComment)]
    [InlineData("SELECT -- a", (int)SplitterState.Outside)]
    [InlineData("SELECT a", (int)SplitterState.Outside)]
    public void State_is_where_the_text_ends(string text, int state)
    {
        var splitter = new StatementSplitter();
        splitter.AddLine(text, 1);
        Assert.False(splitter.TryTake(out _));
        Assert.Equal((SplitterState)state, splitter.State);
    }
}
