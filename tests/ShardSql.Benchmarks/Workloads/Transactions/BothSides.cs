using System;
using System.Diagnostics;
using System.Globalization;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Comparing;
using ShardSql.Benchmarks.Servers;

namespace ShardSql.Benchmarks.Workloads.Transactions;

/// <summary>ShardSql and PG-Q, both SERIALIZABLE in all that they do.</summary>
internal sealed class BothSides : IAsyncDisposable
{
    private readonly ShardSqlCluster _shardSql;
    private readonly PostgresQuorum _postgres;

    private BothSides(ClusterShape shape, ShardSqlCluster shardSql, PostgresQuorum postgres)
    {
        _shardSql = shardSql;
        _postgres = postgres;
        Ours = new Side(shape.Name, shardSql.DataSource, shardSql.ProcessIds, IsOurs: true);
        Quorum = new Side("PG-Q", postgres.DataSource, postgres.ProcessIds, IsOurs: false);
    }

    public Side Ours { get; }

    public Side Quorum { get; }

    /// <summary>Starts both.</summary>
    public static async Task<BothSides> StartAsync(CompareRun run, string workload)
    {
        string folder = run.FolderOf(workload);
        run.Say($"{workload}: starting ShardSql, PostgreSQL with two standbys");
        ShardSqlCluster shardSql = await ShardSqlCluster.StartAsync(folder, run.Shape);
        try
        {
            PostgresQuorum postgres = await PostgresQuorum.StartAsync(folder, isSerializable: true);
            return new BothSides(run.Shape, shardSql, postgres);
        }
        catch
        {
            await shardSql.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes and fills the tables of one side after the other; gives what came of it.</summary>
    public async Task<(T Ours, T Quorum)> LoadAsync<T>(CompareRun run, Func<Side, Task<T>> load) =>
        (await LoadAsync(run, Ours, load), await LoadAsync(run, Quorum, load));

    public async ValueTask DisposeAsync()
    {
        await _postgres.DisposeAsync();
        await _shardSql.DisposeAsync();
    }

    private static async Task<T> LoadAsync<T>(CompareRun run, Side side, Func<Side, Task<T>> load)
    {
        long start = Stopwatch.GetTimestamp();
        T loaded = await load(side);
        run.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"  {side.Name}: loaded in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s"));
        return loaded;
    }
}
