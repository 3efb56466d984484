using System;

using Microsoft.Extensions.Logging;

using ShardSql.Gateway;

namespace ShardSql.Simulation.Cluster.Jobs;

/// <summary>A gateway's log, of which errors of jobs that are in no catalogue are anomalies.</summary>
internal sealed class ErrorLog(SimulatedCluster world) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        world.Check(
            eventId.Id != EventIds.JobFailed, $"{formatter(state, exception)}: {exception}");
}
