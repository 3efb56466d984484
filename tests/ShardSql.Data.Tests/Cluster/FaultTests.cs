using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Dapper;
using ShardSql.Gateway.Hosting;
using ShardSql.Primitives;
using Xunit;
using Xunit.Abstractions;

namespace ShardSql.Data.Tests.Cluster;

/// <summary>Nodes that die, come back and catch up; clusters that are closed and opened again.</summary>
[Collection(ClusterCollection.Name)]
public sealed class FaultTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Writers = 4;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(180);

    // The promise is 2.5 s on a machine of its own; here it shares two cores with whatever else runs.
    private static readonly TimeSpan s_writesAgain = TimeSpan.FromSeconds(30);
    private static readonly ShardId s_shard = new(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("shardsql-faults-").FullName;
    private EmbeddedCluster? _cluster;
    private ShardSqlDataSource? _source;

    private EmbeddedCluster Cluster => _cluster!;

    private ShardSqlDataSource Source => _source!;

    public async Task InitializeAsync() => await OpenAsync();

    public async Task DisposeAsync()
    {
        await CloseAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Nothing_acknowledged_is_lost_or_doubled_when_leaders_die()
    {
        await CreateTablesAsync();
        await using var load = new Load(Source);
        NodeId last = default;
        for (int kill = 0; kill < 3; kill++)
        {
            await load.AcknowledgedAsync(load.Acknowledged + 40);
            NodeId leader = Cluster.LeaderOf(s_shard);
            Assert.NotEqual(default, leader);
            long killed = TimeProvider.System.GetTimestamp();
            await Cluster.KillNodeAsync(leader);
            await load.AcknowledgedAsync(load.Acknowledged + (2 * Writers));
            TimeSpan pause = TimeProvider.System.GetElapsedTime(killed);
            output.WriteLine($"writing again {pause} after the leader was killed");
            Assert.InRange(pause, TimeSpan.Zero, s_writesAgain);
            await load.AcknowledgedAsync(load.Acknowledged + 40);
            await Cluster.StartNodeAsync(leader);
            last = leader;
        }

        // The one that came back last is needed for a majority now, so it must have caught up.
        await load.AcknowledgedAsync(load.Acknowledged + 40);
        await Cluster.KillNodeAsync(Nodes().First(node => node != last));
        await load.AcknowledgedAsync(load.Acknowledged + 40);
        await load.StopAsync();
        await AssertExactAsync(load);
    }

    [Fact]
    public async Task A_cluster_that_is_opened_again_has_everything()
    {
        await CreateTablesAsync();
        var load = new Load(Source);
        for (int opened = 0; opened < 3; opened++)
        {
            await using (load)
            {
                await load.AcknowledgedAsync(load.Acknowledged + 60);
                await load.StopAsync();
            }

            if (opened == 1)
            {
                // All nodes die where they are, nothing is closed in order.
                foreach (NodeId node in Nodes())
                {
                    await Cluster.KillNodeAsync(node);
                }
            }

            await CloseAsync();
            await OpenAsync();
            await AssertExactAsync(load);
            load = new Load(Source, load);
        }

        await load.DisposeAsync();
    }

    [Fact]
    public async Task A_scan_goes_on_at_its_snapshot_when_its_leader_dies()
    {
        const int Rows = 8_000;
        await using ShardSqlConnection connection = await Source.OpenConnectionAsync();
        await connection.ExecuteAsync("CREATE TABLE big (id int PRIMARY KEY, pad text, n int) SINGLE ON SHARD 1");
        for (int i = 0; i < Rows; i += 1_000)
        {
            string rows = string.Join(", ", Enumerable.Range(i, 1_000).Select(id => $"({id}, '{new string('x', 1_000)}', 0)"));
            await connection.ExecuteAsync("INSERT INTO big VALUES " + rows);
        }

        var seen = new List<int>();
        await using (var reader = await connection.ExecuteReaderAsync("SELECT id, n, pad FROM big"))
        {
            for (int i = 0; i < 10 && await reader.ReadAsync(); i++)
            {
                seen.Add(reader.GetInt32(0));
            }

            await Cluster.KillNodeAsync(Cluster.LeaderOf(s_shard));
            await using (ShardSqlConnection other = await Source.OpenConnectionAsync())
            {
                await other.ExecuteAsync("UPDATE big SET n = 1 WHERE id = 7999; DELETE FROM big WHERE id = 5000");
            }

            while (await reader.ReadAsync())
            {
                seen.Add(reader.GetInt32(0));
                Assert.Equal(0, reader.GetInt32(1));
            }
        }

        Assert.Equal(Enumerable.Range(0, Rows), seen);
    }

    [Fact]
    public async Task Without_a_majority_a_write_is_refused_as_transient_within_its_timeout()
    {
        await CreateTablesAsync();
        foreach (NodeId node in Nodes().Take(2))
        {
            await Cluster.KillNodeAsync(node);
        }

        await using (ShardSqlDataSource source =
            ShardSqlDataSource.Create(Cluster.ConnectionString + ";Retry=None;Command Timeout=3"))
        {
            await using ShardSqlConnection connection = await source.OpenConnectionAsync();
            long started = TimeProvider.System.GetTimestamp();
            var refused =
                await Assert.ThrowsAsync<ShardSqlException>(() => connection.ExecuteAsync("UPDATE sums SET n = n + 1"));
            Assert.Contains(refused.SqlState, new[] { "57P03", "40003" });
            Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(60));
            started = TimeProvider.System.GetTimestamp();
            foreach (string text in new[] { "SELECT n FROM sums WHERE id = 1", "UPDATE sums SET n = n + 1 WHERE id = 1" })
            {
                refused = await Assert.ThrowsAsync<ShardSqlException>(() => connection.ExecuteAsync(text));
                Assert.True(refused.SqlState == "57P03", $"{text}: {refused}");
                Assert.Matches("shard s[1-3] has no leader that answered", refused.Message);
                Assert.True(refused.IsTransient);
            }

            Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(60));
        }

        foreach (NodeId node in Nodes().Take(2))
        {
            await Cluster.StartNodeAsync(node);
        }

        await using ShardSqlConnection again = await Source.OpenConnectionAsync();
        Assert.Equal(1, await again.ExecuteAsync("INSERT INTO sums VALUES (50, 0)", commandTimeout: 120));
    }

    private static IEnumerable<NodeId> Nodes() => [new NodeId(1), new NodeId(2), new NodeId(3)];

    private async Task OpenAsync()
    {
        using var limit = new CancellationTokenSource(s_patience);
        _cluster = await EmbeddedCluster.StartAsync(
            new EmbeddedClusterOptions { Name = "faults-" + Guid.NewGuid().ToString("N"), Folder = _folder },
            limit.Token);
        _source = ShardSqlDataSource.Create(_cluster.ConnectionString + ";Max Retries=100");
    }

    private async Task CloseAsync()
    {
        await Source.DisposeAsync();
        await Cluster.DisposeAsync();
    }

    private async Task CreateTablesAsync()
    {
        await using ShardSqlConnection connection = await Source.OpenConnectionAsync();
        await connection.ExecuteAsync(
            "CREATE TABLE done (tag text); "
            + "CREATE TABLE sums (id integer PRIMARY KEY, n bigint) SHARD BY RANGE (id) SPLIT AT VALUES (100), (200)");
        await connection.ExecuteAsync("INSERT INTO sums VALUES (1, 0), (101, 0), (201, 0)");
    }

    /// <summary>
    /// Each acknowledged tag is there once, no tag is there twice, and the sums say how many there are.
    /// </summary>
    private async Task AssertExactAsync(Load load)
    {
        await using ShardSqlConnection connection = await Source.OpenConnectionAsync();
        string[] tags = [.. await connection.QueryAsync<string>("SELECT tag FROM done", commandTimeout: 60)];
        Assert.Equal(tags.Length, tags.Distinct().Count());
        Assert.Empty(load.Tags.Except(tags));
        Assert.Empty(tags.Except(load.Tags).Except(load.Unknown));
        Assert.Equal(
            [tags.Length, tags.Length, tags.Length],
            await connection.QueryAsync<long>("SELECT n FROM sums WHERE id <= 201 AND id <> 50 ORDER BY id"));
    }

    /// <summary>
    /// Writers that go on until they are stopped; each transaction adds one tag and one to a row of every shard.
    /// </summary>
    private sealed class Load : IAsyncDisposable
    {
        private readonly ShardSqlDataSource _source;
        private readonly CancellationTokenSource _stop = new();
        private readonly ConcurrentDictionary<string, bool> _tags = new();
        private readonly ConcurrentDictionary<string, bool> _unknown = new();
        private readonly SemaphoreSlim _progress = new(0);
        private readonly Task[] _writers;

        public Load(ShardSqlDataSource source, Load? before = null)
        {
            _source = source;
            foreach (string tag in before?.Tags ?? [])
            {
                _tags[tag] = true;
            }

            foreach (string tag in before?.Unknown ?? [])
            {
                _unknown[tag] = true;
            }

            _writers = [.. Enumerable.Range(0, Writers).Select(_ => Task.Run(WriteAsync))];
        }

        public IEnumerable<string> Tags => _tags.Keys;

        public IEnumerable<string> Unknown => _unknown.Keys;

        public int Acknowledged => _tags.Count;

        /// <summary>Waits until so many transactions are acknowledged; a writer that failed ends the wait.</summary>
        public async Task AcknowledgedAsync(int count)
        {
            using var limit = new CancellationTokenSource(s_patience);
            Task failed = Task.WhenAny(_writers);
            while (Acknowledged < count)
            {
                Task progress = _progress.WaitAsync(limit.Token);
                await await Task.WhenAny(progress, failed);
            }
        }

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await Task.WhenAll(_writers).WaitAsync(s_patience);
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            _stop.Dispose();
            _progress.Dispose();
        }

        private async Task WriteAsync()
        {
            while (!_stop.IsCancellationRequested)
            {
                string tag = Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture);
                try
                {
                    await _source.ExecuteInTransactionAsync((connection, transaction, _) => connection.ExecuteAsync(
                        "INSERT INTO done VALUES (@tag); UPDATE sums SET n = n + 1 WHERE id IN (1, 101, 201)",
                        new { tag },
                        transaction));
                    _tags[tag] = true;
                    _progress.Release();
                }
                catch (ShardSqlException unknown) when (unknown.Outcome == ShardSqlOutcome.Unknown)
                {
                    _unknown[tag] = true;
                }
            }
        }
    }
}
