using System;
using System.Data.Common;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using ShardSql.Data;
using ShardSql.Shell.Editing;

namespace ShardSql.Shell.Progress;

/// <summary>
/// Shows how far a job is while a statement waits for it, on a connection of its own: a bar that is drawn over on a
/// terminal, elsewhere a line whenever there is news.
/// </summary>
internal sealed class JobProgress(long job, ITerminal? terminal, TextWriter lines, TimeProvider time)
{
    private const int News = 10;
    private const string ClearLine = "\r\u001b[K";

    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(200);

    private string _shown = "";
    private (string Phase, int Percent) _told = ("", -News);

    /// <summary>Shows it until the job has ended or nobody waits any more.</summary>
    public async Task FollowAsync(ShardSqlDataSource source, CancellationToken ended)
    {
        try
        {
            await using ShardSqlConnection connection = await source.OpenConnectionAsync(ended);
            while (await LookAsync(connection, ended) is { HasEnded: false } look)
            {
                await ShowAsync(look);
                await Task.Delay(s_interval, time, ended);
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or ShardSqlException)
        {
            // The statement that waits says what there is to say.
        }

        if (_shown.Length > 0)
        {
            terminal!.Write(ClearLine);
        }
    }

    private async Task<JobLook?> LookAsync(ShardSqlConnection connection, CancellationToken ended)
    {
        await using var command = new ShardSqlCommand(
            "SELECT state, phase, pct, rows_copied, steps_done, steps, eta_s, waiting_for FROM shard.jobs WHERE job_id = @job",
            connection);
        command.Parameters.AddWithValue("job", job);
        await using DbDataReader row = await command.ExecuteReaderAsync(ended);
        return await row.ReadAsync(ended)
            ? new JobLook(
                row.GetString(0),
                row.GetString(1),
                row.GetInt32(2),
                row.GetInt64(3),
                row.GetInt32(4),
                row.GetInt32(5),
                row.IsDBNull(6) ? null : row.GetInt64(6),
                row.GetString(7))
            : null;
    }

    private async Task ShowAsync(JobLook look)
    {
        if (terminal is not null)
        {
            string bar = ProgressText.Bar(look, terminal.Width);
            if (bar != _shown)
            {
                terminal.Write(ClearLine + bar);
                _shown = bar;
            }
        }
        else if (look.Phase != _told.Phase || look.Percent >= _told.Percent + News)
        {
            _told = (look.Phase, look.Percent);
            await lines.WriteLineAsync(ProgressText.Line(job, look));
            await lines.FlushAsync();
        }
    }
}
