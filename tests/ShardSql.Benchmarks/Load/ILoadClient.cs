using System;
using System.Threading.Tasks;

namespace ShardSql.Benchmarks.Load;

/// <summary>One closed-loop client: a connection with its statements prepared.</summary>
internal interface ILoadClient : IAsyncDisposable
{
    /// <summary>Runs one transaction to its acknowledgement; false when it was rolled back and did nothing.</summary>
    Task<bool> RunOnceAsync();
}
