using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Cluster.Tests.Workloads;

/// <summary>A count that others wait for.</summary>
internal sealed class Progress
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(180);

    private readonly Lock _gate = new();
    private readonly List<(long At, TaskCompletionSource Reached)> _waiting = [];
    private long _count;

    /// <summary>The count now.</summary>
    public long Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <summary>Counts one more.</summary>
    public void Add()
    {
        lock (_gate)
        {
            _count++;
            for (int i = _waiting.Count - 1; i >= 0; i--)
            {
                if (_waiting[i].At <= _count)
                {
                    _waiting[i].Reached.TrySetResult();
                    _waiting.RemoveAt(i);
                }
            }
        }
    }

    /// <summary>Ends when so many more have been counted, or when one of those who count has failed, with its reason.
    /// </summary>
    public async Task MoreAsync(int count, params Task[] counting)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.Add((_count + count, reached));
        }

        Task first = await Task.WhenAny([reached.Task.WaitAsync(s_timeout), .. counting]);
        await first;
    }
}
