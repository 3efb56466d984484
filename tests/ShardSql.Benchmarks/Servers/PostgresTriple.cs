using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Npgsql;

namespace ShardSql.Benchmarks.Servers;

/// <summary>Three PostgreSQL servers that know nothing of each other, one copy each: shards by hand.</summary>
internal sealed class PostgresTriple : IAsyncDisposable
{
    /// <summary>How many there are.</summary>
    public const int Count = 3;

    private readonly List<PostgresServer> _servers = [];

    private PostgresTriple()
    {
    }

    /// <summary>Connections to each.</summary>
    public IReadOnlyList<NpgsqlDataSource> DataSources => _servers.ConvertAll(server => server.DataSource);

    /// <summary>The three postmasters.</summary>
    public IReadOnlyList<int> ProcessIds => _servers.ConvertAll(server => server.ProcessId);

    /// <summary>Starts the three.</summary>
    public static async Task<PostgresTriple> StartAsync(string folder)
    {
        var triple = new PostgresTriple();
        try
        {
            foreach (int number in Enumerable.Range(1, Count))
            {
                triple._servers.Add(await PostgresServer.CreateAsync(Path.Combine(folder, $"pg-single{number}")));
            }

            return triple;
        }
        catch
        {
            await triple.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (PostgresServer server in _servers)
        {
            await server.DisposeAsync();
        }
    }
}
