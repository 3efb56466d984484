using System;
using System.Globalization;

namespace ShardSql.Storage.Files;

/// <summary>Which file system a process uses.</summary>
public static class FileSystems
{
    private const string FailingPrefix = "lazy-eio:";

    /// <summary>Set to <c>lazy</c>, unsynced writes are lost when the process is killed; set to <c>lazy-lying</c>, all
    /// writes are, as if the disk did not do what it says: a test that kills must find that. Set to
    /// <c>lazy-eio:N</c>, the first N syncs of files succeed and all later ones fail with EIO.</summary>
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

        return fault switch
        {
            "lazy" => new LazyFileSystem(DiskFileSystem.Instance),
            "lazy-lying" => new LazyFileSystem(DiskFileSystem.Instance, lies: true),
            _ when SyncsOf(fault) is { } syncs => new LazyFileSystem(DiskFileSystem.Instance, syncs: syncs),
            _ => throw new InvalidOperationException(
                $"{FaultVariable}={fault} is unknown; known: lazy, lazy-lying, lazy-eio:N"),
        };
    }

    private static int? SyncsOf(string fault) => fault.StartsWith(FailingPrefix, StringComparison.Ordinal)
        && int.TryParse(fault.AsSpan(FailingPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int syncs)
            ? syncs : null;
}
