using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Gateway.Commit;

/// <summary>
/// Work that goes on after its request was answered, each piece with a deadline of its own: nothing is started and
/// forgotten, and a stopping gateway waits for it.
/// </summary>
internal sealed class BackgroundWork(Action<Exception> onFailure)
{
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _running = [];

    /// <summary>Follows a task to its end.</summary>
    public void Follow(Task task)
    {
        if (task.IsCompletedSuccessfully)
        {
            return;
        }

        Task followed = null!;
        var added = new TaskCompletionSource();
        followed = ObserveAsync();
        lock (_gate)
        {
            _running.Add(followed);
        }

        added.SetResult();

        async Task ObserveAsync()
        {
            await added.Task;
            try
            {
                await task;
            }
#pragma warning disable CA1031 // Whatever it is, the one who answers for it is told.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                onFailure(failure);
            }
            finally
            {
                lock (_gate)
                {
                    _running.Remove(followed);
                }
            }
        }
    }

    /// <summary>Waits for what is running now.</summary>
    public async Task WhenIdleAsync(CancellationToken cancellationToken)
    {
        Task[] running;
        lock (_gate)
        {
            running = [.. _running];
        }

        await Task.WhenAll(running).WaitAsync(cancellationToken);
    }
}
