using System;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using Xunit;

namespace ShardSql.Tests.Protocol;

/// <summary>A test that needs the stock Python client; skipped, saying so, where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PythonGrpcFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> s_missing = new(Missing);

    /// <summary>Asks once per process whether python can import what the client needs.</summary>
    public PythonGrpcFactAttribute()
    {
        Skip = s_missing.Value;
    }

    private static string? Missing()
    {
        const string Advice = "Debian's python3-grpcio is not installed";
        try
        {
            var start = new ProcessStartInfo(StockClient.Interpreter)
            {
                ArgumentList = { "-c", "import grpc, google.protobuf" },
                RedirectStandardError = true,
            };
            using var python = Process.Start(start)!;
            var error = python.StandardError.ReadToEnd();
            python.WaitForExit();
            return python.ExitCode == 0 ? null : $"{Advice}: {error.Trim()}";
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            return $"{Advice}: {e.Message}";
        }
    }
}
