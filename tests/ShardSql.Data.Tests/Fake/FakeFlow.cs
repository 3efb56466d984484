using System;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Data.Tests.Fake;

/// <summary>Credit and cancellation of one request.</summary>
internal sealed class FakeFlow(int window) : IDisposable
{
    private readonly CancellationTokenSource _cancelled = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public CancellationToken Cancelled => _cancelled.Token;

    /// <summary>Row bytes that were sent and not credited yet.</summary>
    public int InFlight { get; private set; }

    public void Dispose() => _cancelled.Dispose();

    public void Cancel()
    {
        _cancelled.Cancel();
        Wake();
    }

    public void Add(int bytes)
    {
        lock (_lock)
        {
            InFlight -= bytes;
        }

        Wake();
    }

    /// <summary>Waits until the window has room; false once cancelled.</summary>
    public async Task<bool> TakeAsync(int bytes)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_cancelled.IsCancellationRequested)
                {
                    return false;
                }

                if (InFlight + bytes <= window || InFlight == 0)
                {
                    InFlight += bytes;
                    return true;
                }

                changed = _changed.Task;
            }

            await changed;
        }
    }

    private void Wake()
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
    }
}
