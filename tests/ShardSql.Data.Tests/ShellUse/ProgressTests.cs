using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Dapper;
using ShardSql.Shell;
using ShardSql.Shell.Progress;
using Xunit;

namespace ShardSql.Data.Tests.ShellUse;

/// <summary>Who waits for a job sees how far it is.</summary>
public sealed class ProgressTests(ShellFixture fixture) : IClassFixture<ShellFixture>
{
    [Theory]
    [InlineData("running", 42, 2, 10, 90L, "", "[####------] 42 %  copying  step 3 of 10  1,234 rows  90 s left")]
    [InlineData("running", 0, 0, 1, null, "", "[----------] 0 %  copying  1,234 rows")]
    [InlineData("paused", 99, 0, 1, 6_000L, "a turn", "[#########-] 99 %  paused  1,234 rows  100 min left  waits for a turn")]
    public void Bar_says_share_phase_step_rows_and_time(
        string state, int percent, int done, int steps, long? left, string waitingFor, string expected)
    {
        var look = new JobLook(state, "copying", percent, 1_234, done, steps, left, waitingFor);
        Assert.Equal(expected, ProgressText.Bar(look, expected.Length + 1));
    }

    [Fact]
    public void Bar_is_never_wider_than_the_terminal()
    {
        var look = new JobLook("running", "copying", 50, 1_234, 0, 1, 10, "");
        for (int width = 1; width < 100; width++)
        {
            Assert.InRange(ProgressText.Bar(look, width).Length, 0, width - 1);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WAIT_JOB_draws_a_bar_on_a_terminal_and_writes_lines_elsewhere(bool isTerminal)
    {
        string table = "p" + Guid.NewGuid().ToString("N");
        await using ShardSqlDataSource source = ShardSqlDataSource.Create(fixture.Cluster.ConnectionString);
        await using ShardSqlConnection connection = await source.OpenConnectionAsync();
        await connection.ExecuteAsync($"CREATE TABLE {table} (id int PRIMARY KEY, text text) SHARD BY RANGE (id)");
        await connection.ExecuteAsync(
            $"INSERT INTO {table} VALUES " + string.Join(", ", Enumerable.Range(0, 2_000).Select(i => $"({i}, '{new string('x', 200)}')")));
        (string segment, string shard) = await connection.QuerySingleAsync<(string, string)>(
            "SELECT segment, shard FROM shard.segments WHERE tables = @table", new { table });
        long job = await connection.ExecuteScalarAsync<long>(
            $"MOVE SEGMENT '{segment}' TO SHARD {(shard == "s1" ? 2 : 1)} WITH (wait = '0s', throttle = '400kB/s')");
        var terminal = new FakeTerminal(width: 100);
        using var output = new StringWriter { NewLine = "\n" };
        using var errors = new StringWriter { NewLine = "\n" };
        await using var session = new ShellSession(new ShellOptions(), output, errors, TimeProvider.System)
        {
            Terminal = isTerminal ? terminal : null,
        };
        Assert.True(await session.ConnectAsync(fixture.Cluster.ConnectionString));
        Assert.Equal(StepResult.Ok, await session.RunLineAsync($"WAIT JOB {job};", new Script(name: null, depth: 0)));
        Assert.Contains("succeeded", output.ToString(), StringComparison.Ordinal);
        if (isTerminal)
        {
            Assert.Contains("%  copying", terminal.Written, StringComparison.Ordinal);
            Assert.EndsWith("\r\u001b[K", terminal.Written, StringComparison.Ordinal);
            Assert.Empty(errors.ToString());
        }
        else
        {
            Assert.Contains(
                string.Create(CultureInfo.InvariantCulture, $"job {job}: "), errors.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain('\r', errors.ToString());
        }
    }
}
