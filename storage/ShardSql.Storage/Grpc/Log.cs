using System;
using Microsoft.Extensions.Logging;

namespace ShardSql.Storage.Grpc;

/// <summary>What the gRPC server logs; numbers 700 to 719.</summary>
internal static partial class Log
{
    [LoggerMessage(700, LogLevel.Information, "listening on {Endpoint}")]
    public static partial void Listening(ILogger logger, string endpoint);

    [LoggerMessage(701, LogLevel.Error, "{Method} failed")]
    public static partial void MethodFailed(ILogger logger, string method, Exception cause);

    [LoggerMessage(702, LogLevel.Debug, "{Method} ended with {Status}: {Message}")]
    public static partial void MethodEnded(ILogger logger, string method, string status, string message);

    [LoggerMessage(703, LogLevel.Warning, "calls still running after the stop timeout were cut")]
    public static partial void StopCut(ILogger logger);
}
