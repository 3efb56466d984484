using System;
using System.Collections.Generic;
using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Load;
using ShardSql.Benchmarks.Servers;

namespace ShardSql.Benchmarks.Workloads;

/// <summary>The same clients as another contender's, while the segment that they write goes to the next shard in each
/// window.</summary>
internal sealed class MovingContender(UpdateContender inner, DbDataSource source) : IContender
{
    public string Name => "while its segment moves";

    public IReadOnlyList<int> ProcessIds => inner.ProcessIds;

    /// <summary>What was moved: how long each took, and for how long writes waited, ms.</summary>
    public List<(double TookMs, long PauseMs)> Moves { get; } = [];

    public Task<ILoadClient> OpenClientAsync(int index) => inner.OpenClientAsync(index);

    public Task CheckAsync() => inner.CheckAsync();

    public async Task BesideAsync()
    {
        await using DbConnection connection = await source.OpenConnectionAsync();
        (string segment, string home) = await FindAsync(connection);
        int next = (int.Parse(home.AsSpan(1), provider: CultureInfo.InvariantCulture) % ShardSqlCluster.Shards) + 1;
        long began = Stopwatch.GetTimestamp();
        await using DbCommand move = connection.CreateCommand();
        move.CommandText = string.Create(
            CultureInfo.InvariantCulture, $"MOVE SEGMENT '{segment}' TO SHARD {next} WITH (wait = '300s')");
        move.CommandTimeout = 330;
        await using DbDataReader reader = await move.ExecuteReaderAsync();
        await reader.ReadAsync();
        long job = reader.GetInt64(0);
        string state = reader.GetString(2);
        await reader.CloseAsync();
        if (state != "succeeded")
        {
            throw new BenchmarkException($"The move of {segment} is {state}.");
        }

        double tookMs = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        Moves.Add((tookMs, await PauseAsync(connection, job)));
    }

    private static async Task<(string Segment, string Shard)> FindAsync(DbConnection connection)
    {
        await using DbCommand find = connection.CreateCommand();
        find.CommandText = "SHOW SEGMENT FOR ROW accounts KEY (1)";
        await using DbDataReader reader = await find.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetString(reader.GetOrdinal("segment")), reader.GetString(reader.GetOrdinal("shard")));
    }

    private static async Task<long> PauseAsync(DbConnection connection, long job)
    {
        await using DbCommand pause = connection.CreateCommand();
        pause.CommandText = "SELECT real_write_pause_ms FROM shard.jobs WHERE job_id = @job";
        AccountTable.AddBigint(pause, "job").Value = job;
        return (long)(await pause.ExecuteScalarAsync())!;
    }
}
