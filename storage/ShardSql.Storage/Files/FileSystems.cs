using System;

namespace ShardSql.Storage.Files;

/// <summary>Which file system a process uses.</summary>
public static class FileSystems
{
    /// <summary>Set to <c>lazy</c>, unsynced writes are lost when the process is killed.</summary>
    public const string FaultVariable = "SHARDSQL_FAULTFS";

    /// <summary>Set to <c>1</c>, test hooks are allowed.</summary>
    public const string TestVariable = "SHARDSQL_TEST";

    /// <summary>The disk, unless a test asks for the layer that loses unsynced writes.</summary>
    /// <exception cref="InvalidOperationException">A fault layer without the test switch, or an unknown one.</exception>
    public static IFileSystem FromEnvironment()
    {
        string? fault = Environment.GetEnvironmentVariable(FaultVariable);
        if (string.IsNullOrEmpty(fault))
        {
            return DiskFileSystem.Instance;
        }

        if (Environment.GetEnvironmentVariable(TestVariable) != "1")
        {
            throw new InvalidOperationException($"{FaultVariable}={fault} needs {TestVariable}=1");
        }

        return fault == "lazy"
            ? new LazyFileSystem(DiskFileSystem.Instance)
            : throw new InvalidOperationException($"{FaultVariable}={fault} is unknown; known: lazy");
    }
}
