using System;
using Microsoft.Extensions.Logging;
using ShardSql.Protocol;

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

/// <summary>The calls of a server, logged.</summary>
internal sealed class CallLog(ILogger logger) : ICallLog
{
    public void Failed(string path, Exception cause) => Log.MethodFailed(logger, path, cause);

    public void Ended(string path, GrpcException status) =>
        Log.MethodEnded(logger, path, status.StatusCode.ToString(), status.Message);
}
