using System;
using System.Collections.Generic;
using System.Threading.Tasks;

namespace ShardSql.Benchmarks.Load;

/// <summary>One side of a comparison, with its data loaded and its servers running.</summary>
internal interface IContender
{
    /// <summary>What the table calls it.</summary>
    string Name { get; }

    /// <summary>The servers' processes, without those that they start themselves.</summary>
    IReadOnlyList<int> ProcessIds { get; }

    /// <summary>Opens client <paramref name="index"/>, which draws its keys from a sequence of its own.</summary>
    Task<ILoadClient> OpenClientAsync(int index);

    /// <summary>What goes on beside the clients in a window; the window is not over before it is.</summary>
    Task BesideAsync() => Task.CompletedTask;

    /// <summary>Compares what is stored with what was acknowledged; throws <see cref="BenchmarkException"/>.</summary>
    Task CheckAsync();
}
