using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;
using Npgsql;

namespace ShardSql.Benchmarks.Servers;

/// <summary>
/// PG-Q of design/performance.md: a primary and two standbys; a commit is acknowledged when the primary and one standby
/// have flushed it, which is the durability of two of three replicas.
/// </summary>
internal sealed class PostgresQuorum : IAsyncDisposable
{
    private static readonly TimeSpan s_joinLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_joinPoll = TimeSpan.FromMilliseconds(100);

    private readonly List<PostgresServer> _servers = [];

    private PostgresQuorum()
    {
    }

    /// <summary>Connections to the primary.</summary>
    public NpgsqlDataSource DataSource => _servers[0].DataSource;

    /// <summary>The three postmasters.</summary>
    public IReadOnlyList<int> ProcessIds => _servers.ConvertAll(server => server.ProcessId);

    /// <summary>Starts the three and waits until both standbys count for the quorum.</summary>
    /// <param name="folder">Where their files go.</param>
    /// <param name="isSerializable">Whether single statements are SERIALIZABLE, too.</param>
    public static async Task<PostgresQuorum> StartAsync(string folder, bool isSerializable = false)
    {
        var quorum = new PostgresQuorum();
        try
        {
            PostgresServer primary = await PostgresServer.CreateAsync(Path.Combine(folder, "pg-primary"));
            quorum._servers.Add(primary);
            quorum._servers.Add(await primary.CreateStandbyAsync(Path.Combine(folder, "pg-standby1"), "s1"));
            quorum._servers.Add(await primary.CreateStandbyAsync(Path.Combine(folder, "pg-standby2"), "s2"));
            await primary.ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (s1, s2)'");
            if (isSerializable)
            {
                await primary.ExecuteAsync("ALTER SYSTEM SET default_transaction_isolation = 'serializable'");
            }

            await primary.ExecuteAsync("SELECT pg_reload_conf()");
            await quorum.WaitForStandbysAsync();
            return quorum;
        }
        catch
        {
            await quorum.DisposeAsync();
            throw;
        }
    }

    /// <summary>Standbys first: a primary waits for them when it shuts down.</summary>
    public async ValueTask DisposeAsync()
    {
        for (int i = _servers.Count - 1; i >= 0; i--)
        {
            await _servers[i].DisposeAsync();
        }
    }

    private async Task WaitForStandbysAsync()
    {
        await using NpgsqlCommand count = DataSource.CreateCommand(
            "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'quorum' AND state = 'streaming'");
        long start = Stopwatch.GetTimestamp();
        while (await count.ExecuteScalarAsync() is not 2L)
        {
            if (Stopwatch.GetElapsedTime(start) > s_joinLimit)
            {
                throw new BenchmarkException("The standbys of PG-Q did not join.");
            }

            await Task.Delay(s_joinPoll);
        }
    }
}
