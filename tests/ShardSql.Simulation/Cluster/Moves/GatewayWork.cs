using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Gateway;
using ShardSql.Gateway.Catalogs;
using ShardSql.Gateway.Jobs;
using ShardSql.Gateway.Moves;
using ShardSql.Gateway.Statements;
using ShardSql.Planning.Catalogs;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Sql;
using ShardSql.Storage.Client;

namespace ShardSql.Simulation.Cluster.Moves;

/// <summary>
/// What a gateway of the simulator has of catalog and jobs when these change: the gateway's own classes over the simulated
/// shards. It follows the map, takes jobs whose runner has died, and collects what moves leave.
/// </summary>
internal abstract class GatewayWork(SimulatedGateway gateway)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(400);

    private long _noJobUs;

    /// <summary>Catalog and map as the gateway knows them.</summary>
    public abstract CatalogCache Catalog { get; }

    /// <summary>Whether it knows any.</summary>
    public bool IsReady => Catalog.Current.Map.Segments.Count > 0;

    /// <summary>Jobs that had not ended at the last look.</summary>
    public int OpenJobs { get; private set; }

    protected SimulatedGateway Gateway { get; } = gateway;

    protected abstract MoveServices Services { get; }

    /// <summary>Whether the last look, after some time, found no job that has not ended.</summary>
    public bool SawNoJobSince(long us) => _noJobUs > us;

    /// <summary>Reads catalog and map again.</summary>
    public Task<SystemState> NewestAsync() => Catalog.NewestAsync(CancellationToken.None);

    /// <summary>Loads the catalog, then works on jobs for as long as the process lives.</summary>
    public async Task RunAsync()
    {
        var moved = new MovedRows(Services, _ => Gateway.World.Reach("collecting failed"));
        while (!IsReady)
        {
            await TryAsync(() => Catalog.StartAsync(
                new ClusterIdentity(Guid.Empty, "", [.. Gateway.World.DataShards]), CancellationToken.None));
            await PauseAsync();
        }

        while (true)
        {
            await TryAsync(LookAsync);
            await TryAsync(() => moved.CollectAsync(CancellationToken.None));
            await PauseAsync();
        }
    }

    /// <summary>Works on the jobs that there are.</summary>
    protected abstract Task LookAsync();

    /// <summary>All jobs; counts those that have not ended.</summary>
    protected async Task<List<JobRecord>> ListAsync()
    {
        List<JobRecord> jobs = await Services.JobRows.ListAsync(CancellationToken.None);
        OpenJobs = jobs.Count(static job => !job.HasEnded);
        _noJobUs = OpenJobs == 0 ? Gateway.World.Events.NowUs : 0;
        return jobs;
    }

    // What fails is tried again by whoever finds the lease over.
    protected async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception failure) when (failure is ShardUnavailableException or GatewayException or SqlException
            or SnapshotRefusedException or MoveRefusedException or JobLostException)
        {
            Gateway.World.Reach("move work failed: " + failure.GetType().Name);
            Gateway.World.Check(
                failure is not SqlException { SqlState: SqlStates.DataCorrupted }, $"a move failed: {failure.Message}");
        }
    }

    // On the simulator's clock: no time passes by it.
    private Task PauseAsync() => Task.Delay(s_look, Gateway.Time, CancellationToken.None);
}
