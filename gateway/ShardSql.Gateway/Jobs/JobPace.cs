using System;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Planning;

namespace ShardSql.Gateway.Jobs;

/// <summary>How fast a job copies: as its throttle says, or so that the machine is left to statements most of the time.
/// </summary>
/// <param name="time">The clock of pauses.</param>
/// <param name="job">The job as it is known now.</param>
/// <param name="note">Notes how far the job is, and learns what has been asked of it meanwhile.</param>
internal sealed class JobPace(TimeProvider time, Func<JobRecord> job, Func<CancellationToken, Task> note)
{
    /// <summary>How long a job may go without a note.</summary>
    public static readonly TimeSpan NoteInterval = TimeSpan.FromSeconds(1);

    private JobRecord Job => job();

    /// <summary>Rests behind a part unless a throttle says something else: the slower a part goes, the more there is to do
    /// beside it.</summary>
    public Task RestAsync(long began, CancellationToken ended) =>
        Job.Throttle != 0 ? Task.CompletedTask : RestAsync(time, began, ended);

    /// <summary>Rests behind a part of work that no job's throttle rules.</summary>
    public static Task RestAsync(TimeProvider time, long began, CancellationToken ended)
    {
        TimeSpan rest = time.GetElapsedTime(began) * GatewayLimits.MoveRestFactor;
        return Task.Delay(rest < GatewayLimits.MoveRestMax ? rest : GatewayLimits.MoveRestMax, time, ended);
    }

    /// <summary>Waits as the throttle says, a little at a time: it may change meanwhile, or the job be paused.</summary>
    public async Task ThrottleAsync(long bytes, CancellationToken ended)
    {
        double left = bytes;
        while (left > 0 && Job.Throttle is > 0 and < Durations.UnlimitedRate && Job.GoesOn)
        {
            double slice = Math.Min(left, Job.Throttle * NoteInterval.TotalSeconds);
            await Task.Delay(TimeSpan.FromSeconds(slice / Job.Throttle), time, ended);
            left -= slice;
            if (left > 0)
            {
                await note(ended);
            }
        }
    }
}
