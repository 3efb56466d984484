using System;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Data;

/// <summary>
/// The only place that blocks a thread. The core is asynchronous; ADO.NET's synchronous methods wait for it here.
/// Operations complete on pool threads, so callers that block pool threads could leave none to complete them: the first
/// blocking call raises the pool's minimum, which makes the pool add threads at once instead of two a second. No
/// synchronization context is in the way, as nothing in the core captures one.
/// </summary>
internal static class SyncFacade
{
    private static readonly Lock s_lock = new();
    private static int s_threadsAsked = -1;

    /// <summary>Waits for a result.</summary>
    public static T Run<T>(ValueTask<T> operation, int maxPoolSize)
    {
        if (!operation.IsCompleted)
        {
            EnsureThreads(maxPoolSize);
        }

        // A task may be waited for by blocking; a value task that has not completed may not.
        return operation.IsCompleted ? operation.GetAwaiter().GetResult() : operation.AsTask().GetAwaiter().GetResult();
    }

    /// <summary>Waits for an end.</summary>
    public static void Run(ValueTask operation, int maxPoolSize)
    {
        if (!operation.IsCompleted)
        {
            EnsureThreads(maxPoolSize);
            operation.AsTask().GetAwaiter().GetResult();
            return;
        }

        operation.GetAwaiter().GetResult();
    }

    /// <summary>
    /// As many threads as callers that can block, and the processors' own on top to complete what they wait for.
    /// </summary>
    private static void EnsureThreads(int maxPoolSize)
    {
        if (Volatile.Read(ref s_threadsAsked) >= maxPoolSize)
        {
            return;
        }

        lock (s_lock)
        {
            ThreadPool.GetMinThreads(out int workers, out int ports);
            int needed = maxPoolSize + Environment.ProcessorCount;
            if (workers < needed)
            {
                ThreadPool.SetMinThreads(needed, ports);
            }

            Volatile.Write(ref s_threadsAsked, maxPoolSize);
        }
    }
}
