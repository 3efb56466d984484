using System;

using Microsoft.Extensions.Logging;

namespace ShardSql.Gateway;

/// <summary>The gateway's log messages.</summary>
internal static partial class Log
{
    [LoggerMessage(EventIds.InternalError, LogLevel.Error, "A request ended with an error that is not in the catalogue")]
    public static partial void InternalError(ILogger logger, Exception exception);

    [LoggerMessage(EventIds.SessionEnded, LogLevel.Debug, "Session {Session} ended: {Reason}")]
    public static partial void SessionEnded(ILogger logger, Guid session, string reason);

    [LoggerMessage(EventIds.BackgroundFailed, LogLevel.Error, "Work behind an answered request failed")]
    public static partial void BackgroundFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventIds.JobFailed, LogLevel.Error, "Job {Job} ({Target}) met an error that is not in the catalogue")]
    public static partial void JobFailed(ILogger logger, Exception exception, long job, string target);

    [LoggerMessage(EventIds.AutomaticJobBegun, LogLevel.Information, "{Setting} begins job {Job}: {Target}")]
    public static partial void AutomaticJobBegun(ILogger logger, string setting, long job, string target);

    [LoggerMessage(EventIds.CatalogRefreshed, LogLevel.Debug, "Catalog {Version}, map {MapVersion}")]
    public static partial void CatalogRefreshed(ILogger logger, ulong version, ulong mapVersion);

    [LoggerMessage(EventIds.CatalogUnreachable, LogLevel.Warning, "The catalog could not be read: {Reason}")]
    public static partial void CatalogUnreachable(ILogger logger, string reason);

    [LoggerMessage(EventIds.Started, LogLevel.Information, "Gateway {Source} serves database {Database}")]
    public static partial void Started(ILogger logger, ulong source, string database);

    [LoggerMessage(EventIds.WarmUpFailed, LogLevel.Error, "What a gateway runs by itself when it starts has failed")]
    public static partial void WarmUpFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventIds.DropCleanupFailed, LogLevel.Warning, "Rows of dropped table {Table} are still there: {Reason}")]
    public static partial void DropCleanupFailed(ILogger logger, uint table, string reason);

    [LoggerMessage(EventIds.WatchFailed, LogLevel.Error, "Looking at the nodes ({Subject}) failed; it is tried again")]
    public static partial void WatchFailed(ILogger logger, Exception exception, string subject);
}
