using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using ShardSql.Data.Tests.Fake;
using ShardSql.Shell;
using ShardSql.Shell.Editing;
using ShardSql.Shell.Printing;
using Xunit;

namespace ShardSql.Data.Tests.ShellUse;

/// <summary>
/// The shell over a real cluster. Each script in <c>Golden</c> is echoed with what it answers, output and errors in
/// their order; UPDATE_GOLDEN=1 writes the answers anew.
/// </summary>
public sealed partial class ShellTests(ShellFixture fixture) : IClassFixture<ShellFixture>
{
    public static TheoryData<string> Scripts =>
        [.. Directory.GetFiles(Folder(), "*.sql").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task Script_answers_as_its_golden_file(string name)
    {
        string script = Path.Combine(Folder(), name + ".sql");
        string golden = Path.Combine(Folder(), name + ".txt");
        using var output = new StringWriter { NewLine = "\n" };
        await using ShellSession session = await ConnectAsync(output);
        var lines = new Script(name: null, depth: 0);
        foreach (string line in await File.ReadAllLinesAsync(script))
        {
            await output.WriteLineAsync($"{(lines.Splitter.IsPending ? "-" : "=")}> {line}");
            await session.RunLineAsync(line, lines);
        }

        // Numbers of segments depend on the tables that were there before.
        string answer = Segment().Replace(output.ToString(), "seg-N");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            await File.WriteAllTextAsync(golden, answer);
        }

        Assert.Equal(await File.ReadAllTextAsync(golden), answer);
    }

    [Fact]
    public async Task Files_are_included_and_an_error_in_one_names_file_and_line()
    {
        string folder = Directory.CreateTempSubdirectory("shardsql-include-").FullName;
        try
        {
            string inner = Path.Combine(folder, "inner.sql");
            string outer = Path.Combine(folder, "outer.sql");
            string endless = Path.Combine(folder, "endless.sql");
            await File.WriteAllTextAsync(inner, "SELECT 1 AS one;\n\nSELECT\n  nothing;\nSELECT 2 AS two");
            await File.WriteAllTextAsync(outer, $"\\format csv\n\\i {inner}\n");
            await File.WriteAllTextAsync(endless, $"\\i {endless}\n");
            using var output = new StringWriter { NewLine = "\n" };
            await using ShellSession session = await ConnectAsync(output);
            var script = new Script(name: null, depth: 0);
            Assert.Equal(StepResult.Failed, await session.RunLineAsync($"\\i {outer}", script));
            string text = output.ToString();
            Assert.StartsWith($"one\n1\n{inner}:4: ERROR:  42703: ", text, StringComparison.Ordinal);
            Assert.EndsWith("two\n2\n", text, StringComparison.Ordinal);
            Assert.Equal(StepResult.Failed, await session.RunLineAsync($"\\i {endless}", script));
            Assert.EndsWith($"{endless}: files inside one another exceed {Script.MaxDepth}.\n", output.ToString(), StringComparison.Ordinal);
            Assert.Equal(StepResult.Failed, await session.RunLineAsync($"\\i {inner}.not", script));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Interrupt_cancels_the_statement_and_not_the_shell()
    {
        using var gateway = new FakeGateway();
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.On("SELECT 1", FakeResult.Int32(1)).On("SELECT 2", statement =>
        {
            started.SetResult();
            return statement.UntilCancelledAsync();
        });
        using var output = new StringWriter { NewLine = "\n" };
        await using var session = new ShellSession(new ShellOptions(), output, output, TimeProvider.System) { IsInteractive = true };
        Assert.True(await session.ConnectAsync(gateway.ConnectionString));
        Assert.False(session.Interrupt());
        var script = new Script(name: null, depth: 0);
        Task<StepResult> running = session.RunLineAsync("SELECT 2;", script);
        await started.Task;
        Assert.True(session.Interrupt());
        Assert.Equal(StepResult.Interrupted, await running);
        Assert.Equal(StepResult.Ok, await session.RunLineAsync("SELECT 1;", script));
        Assert.Equal("Cancelled.\n n\n---\n 1\n(1 row)\n", output.ToString());
    }

    [Fact]
    public async Task Connection_that_is_lost_is_replaced_for_one_who_types_and_ends_a_script()
    {
        foreach (bool isInteractive in new[] { true, false })
        {
            using var gateway = new FakeGateway();
            gateway.On("SELECT 1", FakeResult.Int32(1)).On("DELETE FROM t", statement =>
            {
                statement.Session.Kill();
                return FakeResult.Written(0);
            });
            using var output = new StringWriter { NewLine = "\n" };
            await using var session = new ShellSession(new ShellOptions(), output, output, TimeProvider.System)
            {
                IsInteractive = isInteractive,
            };
            Assert.True(await session.ConnectAsync(gateway.ConnectionString + ";Timeout=1"));
            StepResult result = await session.RunAsync(
                new StringReader("DELETE FROM t;\nSELECT 1;"), new Script(name: null, depth: 0));
            Assert.Equal(isInteractive ? StepResult.Failed : StepResult.Disconnected, result);
            Assert.Equal(isInteractive, output.ToString().EndsWith("(1 row)\n", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Prompt_tells_database_place_and_transaction()
    {
        using var output = new StringWriter { NewLine = "\n" };
        await using ShellSession session = await ConnectAsync(output);
        FakeTerminal terminal = new FakeTerminal(width: 60)
            .Type("SELECT 1,").Enter().Type("'a").Enter().Type("b';").Enter()
            .Type("BEGIN;").Enter().Type("SELECT nothing;").Enter().Type("ROLLBACK;").Enter().Type("\\q").Enter();
        var history = new History(null);
        var shell = new InteractiveShell(
            session, new LineEditor(terminal, history, new SqlCompleter(() => [])), history, output);
        Assert.Equal(ExitCodes.Ok, await shell.RunAsync());
        string[] prompts = [.. terminal.Written.Split("\u001b[K").Select(shown => shown[(shown.LastIndexOf('\r') + 1)..])
            .Where(shown => shown.EndsWith("> ", StringComparison.Ordinal))];
        Assert.Equal(
            ["shardsql=> ", "shardsql-> ", "shardsql'> ", "shardsql=> ", "shardsql=*> ", "shardsql=!> ", "shardsql=> "], prompts);
        Assert.Equal(7, history.Lines.Count);
    }

    [Fact]
    public async Task Completion_knows_the_clusters_tables()
    {
        using var output = new StringWriter { NewLine = "\n" };
        await using ShellSession session = await ConnectAsync(output);
        bool changed = false;
        session.NamesChanged = () => changed = true;
        await session.RunLineAsync("CREATE TABLE completed (id integer PRIMARY KEY, shade text);", new Script(null, 0));
        Assert.True(changed);
        await using ShardSqlConnection connection = await session.Source!.OpenConnectionAsync();
        Dictionary<string, IReadOnlyList<string>> names = await SchemaLists.NamesAsync(connection, default);
        Assert.Equal(["id", "shade"], names["completed"]);
        await session.RunLineAsync("DROP TABLE completed;", new Script(null, 0));
    }

    private async Task<ShellSession> ConnectAsync(TextWriter output)
    {
        var session = new ShellSession(new ShellOptions { Format = OutputFormat.Table }, output, output, new ManualTimeProvider());
        Assert.True(await session.ConnectAsync(fixture.Cluster.ConnectionString));
        return session;
    }

    [GeneratedRegex("seg-[0-9]+")]
    private static partial Regex Segment();

    private static string Folder([CallerFilePath] string file = "") => Path.Combine(Path.GetDirectoryName(file)!, "Golden");
}
