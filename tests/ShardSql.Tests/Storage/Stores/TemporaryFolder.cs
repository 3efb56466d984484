using System;
using System.IO;

namespace ShardSql.Tests.Storage.Stores;

/// <summary>A folder of a test's own, gone after it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("shardsql-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
