using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using ShardSql.Shell;
using ShardSql.Shell.Editing;
using Xunit;

namespace ShardSql.Data.Tests.ShellUse;

public sealed class EditingTests
{
    private static readonly Dictionary<string, IReadOnlyList<string>> s_names = new()
    {
        ["accounts"] = ["id", "balance"], ["orders"] = ["id", "account_id", "placed_at"],
    };

    [Fact]
    public void Keys_move_and_delete_by_characters_words_and_whole_lines()
    {
        const ConsoleModifiers Control = ConsoleModifiers.Control;
        Assert.Equal("xabc", Edit(keys => keys.Type("abc").Press(ConsoleKey.A, Control).Type("x")));
        Assert.Equal("abxc", Edit(keys => keys.Type("abc").Press(ConsoleKey.LeftArrow).Type("x")));
        Assert.Equal("ac", Edit(keys => keys.Type("abc").Press(ConsoleKey.LeftArrow).Press(ConsoleKey.Backspace)));
        Assert.Equal("ab", Edit(keys => keys.Type("abc").Press(ConsoleKey.LeftArrow).Press(ConsoleKey.Delete)));
        Assert.Equal("select ", Edit(keys => keys.Type("select abc").Press(ConsoleKey.W, Control)));
        Assert.Equal("abc", Edit(keys => keys.Type("abc def").Press(ConsoleKey.B, ConsoleModifiers.Alt)
            .Press(ConsoleKey.LeftArrow).Press(ConsoleKey.K, Control)));
        Assert.Equal("def", Edit(keys => keys.Type("abc def").Press(ConsoleKey.LeftArrow, Control).Press(ConsoleKey.U, Control)));
        Assert.Equal("abc!def", Edit(keys => keys.Type("abcdef").Press(ConsoleKey.Home)
            .Press(ConsoleKey.RightArrow).Press(ConsoleKey.RightArrow).Press(ConsoleKey.RightArrow).Type("!")));
        Assert.Equal("x", Edit(keys => keys.Type("abc").Press(ConsoleKey.Escape).Type("x")));
    }

    [Fact]
    public void A_character_of_several_code_units_is_one()
    {
        Assert.Equal("a", Edit(keys => keys.Type("a👍").Press(ConsoleKey.Backspace)));
        Assert.Equal("x👍", Edit(keys => keys.Type("👍").Press(ConsoleKey.LeftArrow).Type("x")));
        Assert.Equal("ab", Edit(keys => keys.Type("ae\u0301b").Press(ConsoleKey.LeftArrow).Press(ConsoleKey.Backspace)));
    }

    [Fact]
    public void Ctrl_C_abandons_the_line_and_Ctrl_D_ends_where_nothing_was_typed()
    {
        const ConsoleModifiers Control = ConsoleModifiers.Control;
        FakeTerminal terminal = new FakeTerminal().Type("abc").Press(ConsoleKey.C, Control).Type("ab")
            .Press(ConsoleKey.LeftArrow).Press(ConsoleKey.D, Control).Enter().Press(ConsoleKey.D, Control);
        LineEditor editor = Editor(terminal, new History(null));
        Assert.Equal(new EditedLine(LineEnd.Abandoned, string.Empty), editor.Read("> "));
        Assert.Equal(new EditedLine(LineEnd.Entered, "a"), editor.Read("> "));
        Assert.Equal(new EditedLine(LineEnd.EndOfInput, string.Empty), editor.Read("> "));
    }

    [Fact]
    public void Arrows_recall_lines_and_come_back_to_the_draft()
    {
        var history = new History(null);
        history.Add("one");
        history.Add("two");
        FakeTerminal terminal = new FakeTerminal()
            .Type("dra").Press(ConsoleKey.UpArrow).Press(ConsoleKey.UpArrow).Press(ConsoleKey.UpArrow).Type("!").Enter()
            .Type("dra").Press(ConsoleKey.UpArrow).Press(ConsoleKey.DownArrow).Press(ConsoleKey.DownArrow).Type("ft").Enter();
        LineEditor editor = Editor(terminal, history);
        Assert.Equal("one!", editor.Read("> ").Text);
        Assert.Equal("draft", editor.Read("> ").Text);
    }

    [Fact]
    public void A_line_wider_than_the_terminal_shows_the_part_with_the_cursor()
    {
        FakeTerminal terminal = new FakeTerminal(width: 12).Type("0123456789abc日").Enter();
        Assert.Equal("0123456789abc日", Editor(terminal, new History(null)).Read("> ").Text);
        Assert.Equal("> 789abc日", terminal.Shown.Replace("6", string.Empty, StringComparison.Ordinal));
    }

    [Fact]
    public void Tab_completes_as_far_as_it_is_sure_and_then_lists()
    {
        FakeTerminal terminal = new FakeTerminal(width: 80).Type("sel\t* from a\twhere b\t\t").Enter();
        string line = Editor(terminal, new History(null)).Read("> ").Text;
        Assert.StartsWith("select * from accounts where b", line, StringComparison.Ordinal);
        Assert.Contains("balance", terminal.Written, StringComparison.Ordinal);
        Assert.Contains("between", terminal.Written, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SELECT * FROM o", 14, "orders")]
    [InlineData("SELECT accounts.b", 16, "balance")]
    [InlineData("SELECT o.p| FROM orders o", 9, "placed_at")]
    [InlineData("SELECT o.a| FROM orders AS o", 9, "account_id")]
    [InlineData("\\d a", 3, "accounts")]
    [InlineData("\\ti", 0, "\\timing")]
    [InlineData("\\format j", 8, "json")]
    [InlineData("SERIALIZ", 0, "SERIALIZABLE")]
    [InlineData("serializ", 0, "serializable")]
    [InlineData("ALTER TABLE orders ENABLE SPI", 26, "SPILLOVER")]
    [InlineData("merge spillover for table o", 26, "orders")]
    [InlineData("SELECT zzz", 7, "")]
    public void Completer_knows_names_keywords_and_commands(string line, int start, string candidates)
    {
        int cursor = line.IndexOf('|', StringComparison.Ordinal);
        Completion completion = new SqlCompleter(() => s_names).Complete(
            line.Replace("|", string.Empty, StringComparison.Ordinal), cursor < 0 ? line.Length : cursor);
        Assert.Equal((start, candidates), (completion.Start, string.Join(' ', completion.Candidates)));
    }

    [Fact]
    public void Completer_asks_for_names_once_until_they_may_be_others()
    {
        int asked = 0;
        var completer = new SqlCompleter(() =>
        {
            asked++;
            return s_names;
        });
        completer.Complete("SELECT i", 8);
        completer.Complete("SELECT i", 8);
        Assert.Equal(1, asked);
        completer.Forget();
        completer.Complete("SELECT i", 8);
        Assert.Equal(2, asked);
    }

    [Fact]
    public void Completer_without_a_gateway_still_knows_keywords()
    {
        var completer = new SqlCompleter(() => throw new ShardSqlException("08006", "gone"));
        Assert.Contains("SELECT", completer.Complete("SEL", 3).Candidates);
    }

    [Fact]
    public void History_is_bounded_private_and_keeps_no_passwords()
    {
        string folder = Directory.CreateTempSubdirectory("shardsql-history-").FullName;
        try
        {
            string path = Path.Combine(folder, "history");
            var history = new History(path);
            for (int i = 0; i < History.MaxLines + 5; i++)
            {
                history.Add($"SELECT {i};");
            }

            history.Add("SELECT 1004;");
            history.Add("  ");
            history.Add("\\c Server=x;Password=hush");
            Assert.Null(history.TrySave());
            Assert.Equal(History.MaxLines, File.ReadAllLines(path).Length);
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
            }

            IReadOnlyList<string> read = new History(path).Lines;
            Assert.Equal(("SELECT 5;", "SELECT 1004;"), (read[0], read[^1]));
            Assert.Equal([path], Directory.GetFiles(folder));
            Assert.NotNull(new History(Path.Combine(folder, "missing", "history")).TrySave());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static LineEditor Editor(FakeTerminal terminal, History history) =>
        new(terminal, history, new SqlCompleter(() => s_names));

    private static string Edit(Func<FakeTerminal, FakeTerminal> keys) =>
        Editor(keys(new FakeTerminal()).Enter(), new History(null)).Read("> ").Text;
}
