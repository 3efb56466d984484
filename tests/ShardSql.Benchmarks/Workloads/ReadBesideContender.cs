using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Load;

namespace ShardSql.Benchmarks.Workloads;

/// <summary>The same clients as another contender's, while others read what they write.</summary>
internal sealed class ReadBesideContender(UpdateContender inner, ClosedLoop readers, TimeSpan window) : IContender
{
    public string Name => "beside readers";

    public IReadOnlyList<int> ProcessIds => inner.ProcessIds;

    /// <summary>What the readers did, by window.</summary>
    public List<Window> Reads { get; } = [];

    public Task<ILoadClient> OpenClientAsync(int index) => inner.OpenClientAsync(index);

    public Task CheckAsync() => inner.CheckAsync();

    public async Task BesideAsync()
    {
        Window reads = await readers.RunAsync(window);

        // Whose CPU time it was, readers' or writers', nobody can tell.
        Reads.Add(reads with { ServerCpuMicroseconds = 0, ClientCpuMicroseconds = 0 });
    }
}
