using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Data;

using Xunit;

namespace ShardSql.Cluster.Tests.Workloads;

/// <summary>One writer for each shard, which counts up a row there as fast as it can, and who knows when it may again.
/// </summary>
internal sealed partial class ShardWriters : IAsyncDisposable
{
    private const int KeysTried = 200;
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(180);

    private readonly ShardSqlDataSource _source;
    private readonly SortedDictionary<string, int> _keys;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly List<Waiting> _waiting = [];
    private readonly List<Task> _writing = [];

    private ShardWriters(ShardSqlDataSource source, SortedDictionary<string, int> keys)
    {
        _source = source;
        _keys = keys;
    }

    /// <summary>The shards.</summary>
    public IReadOnlyCollection<string> Shards => _keys.Keys;

    /// <summary>Makes a table with a row on each shard and starts to write.</summary>
    public static async Task<ShardWriters> StartAsync(ShardSqlDataSource source, int shards)
    {
        await source.ExecuteAsync("CREATE TABLE probe (k INT PRIMARY KEY, n BIGINT NOT NULL)");
        var keys = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (int key = 0; keys.Count < shards && key < KeysTried; key++)
        {
            List<object[]> plan = await source.QueryAsync($"EXPLAIN SELECT n FROM probe WHERE k = {key}");
            Match shard = OnlyShard().Match(Convert.ToString(plan[0][0], CultureInfo.InvariantCulture)!);
            Assert.True(shard.Success, $"{plan[0][0]}");
            if (keys.TryAdd(shard.Groups[1].Value, key))
            {
                await source.ExecuteAsync($"INSERT INTO probe (k, n) VALUES ({key}, 0)");
            }
        }

        Assert.Equal(shards, keys.Count);
        var writers = new ShardWriters(source, keys);
        foreach ((string shard, int key) in keys)
        {
            writers._writing.Add(Task.Run(() => writers.WriteAsync(shard, key)));
        }

        return writers;
    }

    /// <summary>When the first write of each shard that began after a moment was acknowledged, seen from that moment.
    /// </summary>
    public async Task<Dictionary<string, TimeSpan>> FirstSinceAsync(long moment)
    {
        var first = new Dictionary<string, Task<long>>();
        lock (_gate)
        {
            foreach (string shard in _keys.Keys)
            {
                var waiting = new Waiting(shard, moment);
                _waiting.Add(waiting);
                first[shard] = waiting.Acknowledged.Task;
            }
        }

        var times = new Dictionary<string, TimeSpan>();
        foreach ((string shard, Task<long> acknowledged) in first)
        {
            times[shard] = Stopwatch.GetElapsedTime(moment, await acknowledged.WaitAsync(s_timeout));
        }

        return times;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_writing);
        _stop.Dispose();
    }

    [GeneratedRegex(@"1 of \d+ shards: (s\d+)")]
    private static partial Regex OnlyShard();

    private async Task WriteAsync(string shard, int key)
    {
        while (!_stop.IsCancellationRequested)
        {
            long began = Stopwatch.GetTimestamp();
            try
            {
                await _source.ExecuteAsync($"UPDATE probe SET n = n + 1 WHERE k = {key}");
                Acknowledge(shard, began, Stopwatch.GetTimestamp());
            }
            catch (ShardSqlException error) when (error.Outcome != ShardSqlOutcome.Failed)
            {
                // Not acknowledged: the next one may be.
                continue;
            }
        }
    }

    private void Acknowledge(string shard, long began, long ended)
    {
        lock (_gate)
        {
            for (int i = _waiting.Count - 1; i >= 0; i--)
            {
                if (_waiting[i].Shard == shard && began >= _waiting[i].Since)
                {
                    _waiting[i].Acknowledged.TrySetResult(ended);
                    _waiting.RemoveAt(i);
                }
            }
        }
    }

    private sealed record Waiting(string Shard, long Since)
    {
        public TaskCompletionSource<long> Acknowledged { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
