using System;
using System.Runtime.ExceptionServices;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Simulation.Cluster.Gateways;

/// <summary>
/// One life of a gateway's process: the real asynchronous code runs in it on the simulator's one thread, in the order of
/// virtual time. When the life is over nothing of it goes on. An error that nobody expected ends the run.
/// </summary>
internal sealed class GatewayLife(SimulatedCluster world) : SynchronizationContext
{
    private ExceptionDispatchInfo? _broken;

    /// <summary>Whether the process has ended.</summary>
    public bool IsOver { get; private set; }

    public void End() => IsOver = true;

    public override void Post(SendOrPostCallback d, object? state) => After(0, () => d(state));

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Does something after a while, unless the process has ended until then.</summary>
    public void After(long delayUs, Action action) => world.Events.After(delayUs, () => Run(action));

    /// <summary>Does something now, in this process.</summary>
    public void Run(Action action)
    {
        if (IsOver)
        {
            return;
        }

        SynchronizationContext? before = Current;
        SetSynchronizationContext(this);
        try
        {
            action();
        }
        finally
        {
            SetSynchronizationContext(before);
        }

        _broken?.Throw();
    }

    /// <summary>Starts work and follows it to its end.</summary>
    public void Start(Func<Task> work) => Run(() => _ = FollowAsync(work));

    /// <summary>Background work has failed.</summary>
    public void Break(Exception failure) => _broken ??= ExceptionDispatchInfo.Capture(failure);

    private async Task FollowAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
#pragma warning disable CA1031 // Whatever it is, it ends the run as soon as the thread is back in the simulator.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Break(failure);
        }
    }
}
